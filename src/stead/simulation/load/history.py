"""Turn the staging tables into the product's rows, one stretch of time after the other."""

from __future__ import annotations

from stead.billing import models as billing
from stead.care.models import Encounter
from stead.coverage.models import Coverage, EligibilityCheck
from stead.forms.models import Signature
from stead.patients.models import Patient, PatientNumber
from stead.platform.journal.models import JournalEntry, JournalHead
from stead.scheduling.models import Appointment, ResourceClaim
from stead.simulation.load.fill import Filler

CAME = "load_visit where status in ('done', 'in_session')"
JUDGED = "claim_id is not null and answered_at < %(now)s"
PAID = "(cents * 74 / 100 - 2500)"
CONTRACTUAL = "(cents - cents * 74 / 100)"


def at(moment: str) -> str:
    """Make an identifier that sorts where its row belongs."""
    return f"uuidv7({moment} - clock_timestamp())"


def people(f: Filler) -> None:
    asked = "greatest(created_at, %(now)s - (dice %% 25) * interval '1 day' - interval '2 hours')"
    f.fill(
        Patient, "load_person", id="id", number="number", created_at="created_at", home_location_id="location_id",
        status="case when first_monday + 160 < %(now)s::date then 'discharged' else 'active' end",
        first_name="(%(first)s::text[])[1 + dice %% cardinality(%(first)s::text[])]",
        last_name="(%(last)s::text[])[1 + (dice / 31) %% cardinality(%(last)s::text[])]",
        birth_date="date '1950-01-01' + (dice %% 18000)::int", sex="'unknown'", practitioner_id="staff_id",
        state="state", time_zone="zone", phone="'+1502555' || lpad((dice %% 10000)::text, 4, '0')", source="'website'",
        pays_self="payer_id is null",
    )  # fmt: skip
    f.fill(PatientNumber, "(select max(number) as last from load_person) x", id="%(p)s", last="x.last")
    f.fill(
        Coverage, "load_person where payer_id is not null", id="coverage_id", patient_id="id", payer_id="payer_id",
        member_id="'M' || number", card_verified_at="created_at + interval '1 hour'", starts_date="created_at::date",
    )  # fmt: skip
    f.fill(
        EligibilityCheck, "load_person where payer_id is not null", id=at(asked), coverage_id="coverage_id",
        patient_id="id", trace="'L' || number", service_date=f"({asked})::date", asked_at=asked, answered_at=asked,
        state="'active'", copay_cents="2500",
        authorization_required="false",
    )  # fmt: skip
    f.fill(
        Signature,
        "load_person cross join unnest(%(agreements)s::uuid[], %(kinds)s::text[], %(hashes)s::text[])"
        " as a(agreement_id, kind, hash)",
        id=at("created_at + interval '1 hour'"), patient_id="id", agreement_id="a.agreement_id", kind="a.kind",
        signed_name="'Load patient'", signed_at="created_at + interval '1 hour'", text_sha256="a.hash",
    )  # fmt: skip


def book(f: Filler) -> None:
    """Write appointments, what they claim, and encounters."""
    room = "case when modality = 'room' then room_id end"
    f.fill(
        Appointment, "load_visit", id="id", patient_id="patient_id", practitioner_id="staff_id",
        service_id="service_id", location_id="location_id", room_id=room, starts_at="starts_at", ends_at="ends_at",
        modality="modality", status="status", booked_by_name="%(desk_name)s", booked_at="booked_at",
        arrived_at="case when status in ('done', 'in_session') then starts_at end",
        session_started_at="case when status in ('done', 'in_session') then starts_at end",
        done_at="case when status = 'done' then ends_at end",
        ended_reason="case when status in ('cancelled', 'late_cancel') then 'patient cancelled' else '' end",
    )  # fmt: skip
    f.fill(
        ResourceClaim,
        "load_visit cross join lateral (values ('practitioner', staff_id), ('patient', patient_id),"
        f" ('room', {room})) as r(kind, resource) where status not in ('cancelled', 'late_cancel')"
        " and r.resource is not null",
        id=at("booked_at"), appointment_id="id", resource_kind="r.kind", resource_id="r.resource",
        during="tstzrange(starts_at, ends_at)",
    )  # fmt: skip
    f.fill(
        Encounter, CAME, id="encounter_id", appointment_id="id", patient_id="patient_id", practitioner_id="staff_id",
        service_id="service_id", location_id="location_id", starts_at="starts_at",
        ends_at="case when status = 'done' then ends_at end", service_date="day", diagnosis_codes="'{F411}'",
        due_at="ends_at + interval '72 hours'", signed_at="case when charge_id is not null then signed_at end",
    )  # fmt: skip


def claims(f: Filler) -> None:
    """Write charges, claims and what payers answered."""
    f.fill(
        billing.Charge, "load_visit where charge_id is not null", id="charge_id", encounter_id="encounter_id",
        patient_id="patient_id", practitioner_id="staff_id", procedure_code="code", amount_cents="cents",
        diagnosis_codes="'{F411}'", place_of_service="case when modality = 'room' then '11' else '10' end",
        service_date="day", made_at="signed_at",
    )  # fmt: skip
    f.fill(
        billing.Claim, "load_visit where claim_id is not null", id="claim_id", number="'LD' || line_number",
        patient_id="patient_id", coverage_id="coverage_id", payer_id="payer_id", practitioner_id="staff_id",
        location_id="location_id", total_cents="cents",
        paid_cents=f"case when {JUDGED} and not denied then {PAID} else 0 end",
        state=f"case when {JUDGED} then case when denied then 'denied' else 'paid' end"
        " when sent_at < %(now)s then 'accepted' else 'ready' end",
        service_date="day", made_at="signed_at", sent_at="case when sent_at < %(now)s then sent_at end",
        state_at="least(sent_at, %(now)s)", file_before_date="day + 90",
    )  # fmt: skip
    share = f"{JUDGED} and not denied"
    f.fill(
        billing.ClaimLine, "load_visit where claim_id is not null", id=at("signed_at"), claim_id="claim_id",
        charge_id="charge_id", position="1", line_control="'LD' || line_number || '-1'", amount_cents="cents",
        paid_cents=f"case when {share} then {PAID} else 0 end",
        adjusted_cents=f"case when {share} then {CONTRACTUAL} else 0 end",
        patient_cents=f"case when {share} then 2500 else 0 end",
    )  # fmt: skip
    f.fill(
        billing.ClaimEvent, "load_visit where claim_id is not null and sent_at < %(now)s", id=at("sent_at"),
        claim_id="claim_id", at="sent_at", kind="'sent'",
    )  # fmt: skip
    f.run("drop table if exists load_answer")
    f.run(
        "create temp table load_answer as select payer_id, answered_at,"
        f" {at('answered_at')} as remittance_id, sum(case when denied then 0 else {PAID} end) as cents"
        f" from load_visit where {JUDGED} group by payer_id, answered_at"
    )
    f.fill(
        billing.Remittance, "load_answer", id="remittance_id", payer_id="payer_id",
        trace="'L' || left(remittance_id::text, 36)", originator="'1LOAD'", amount_cents="cents",
        paid_date="answered_at::date", method="'ACH'", posted_at="answered_at",
    )  # fmt: skip
    f.fill(
        billing.RemittanceClaim, f"load_visit join load_answer using (payer_id, answered_at) where {JUDGED}",
        id=at("answered_at"), remittance_id="remittance_id", claim_id="claim_id", claim_number="'LD' || line_number",
        status="case when denied then '4' else '1' end", charged_cents="load_visit.cents",
        paid_cents="case when denied then 0 else (load_visit.cents * 74 / 100 - 2500) end",
        patient_cents="case when denied then 0 else 2500 end",
    )  # fmt: skip
    f.fill(
        billing.Denial, f"load_visit where {JUDGED} and denied", id=at("answered_at"), claim_id="claim_id",
        patient_id="patient_id", group_code="'CO'", reason_code="'197'", amount_cents="cents",
        queue="'authorization'", deadline_date="answered_at::date + 90", denied_at="answered_at",
        state="case when answered_at < %(now)s - interval '30 days' then 'written_off' else 'open' end",
    )  # fmt: skip


# ruff: noqa: S608 - statements are put together from our own words only
_POSTINGS = f"""
create temp table load_posting as
select {at("moment")} as id, x.* from (
  select 'charge:' || charge_id as key, 'charge' as kind, signed_at as moment, patient_id, null::uuid as claim_id,
    charge_id, payer_id,
    array['payer', 'patient', 'revenue'] as accounts,
    array[case when payer_id is null then 0 else cents end, case when payer_id is null then cents else 0 end, -cents]
      as amounts
  from load_visit where charge_id is not null
  union all
  select '835:' || claim_id, 'insurer', answered_at, patient_id, claim_id, null, payer_id,
    array['cash', 'contractual', 'patient', 'payer'], array[{PAID}, {CONTRACTUAL}, 2500, -cents]
  from load_visit where {JUDGED} and not denied
  union all
  select 'write_off:' || claim_id, 'write_off', answered_at + interval '20 days', patient_id, claim_id, null, payer_id,
    array['write_off', 'payer'], array[cents, -cents]
  from load_visit where {JUDGED} and denied and answered_at < %(now)s - interval '30 days'
  union all
  select 'payment:' || charge_id, 'patient_payment', owed_at + interval '9 days', patient_id, null, null, null,
    array['cash', 'patient'], array[owed, -owed]
  from (select *, case when payer_id is null then cents else 2500 end as owed,
      case when payer_id is null then signed_at else answered_at end as owed_at
    from load_visit where charge_id is not null and (payer_id is null or ({JUDGED} and not denied))) o
  where owed_at + interval '9 days' < %(now)s and (dice / 13) %% 100 < 92
) x
"""
# Whose account it is stands in one key of plain equality: `is not distinct from` cannot be hashed, and every side would
# be held against every patient's account.
_SIDES = """
load_posting cross join lateral unnest(accounts, amounts) as s(account, cents)
join ledger_account a on a.practice_id = %(p)s and a.kind = s.account
 and coalesce(a.patient_id, a.payer_id, %(p)s)
   = coalesce(case s.account when 'patient' then load_posting.patient_id when 'payer' then load_posting.payer_id end,
       %(p)s)
where s.cents <> 0
"""


def accounts(f: Filler) -> None:
    f.fill(
        billing.LedgerAccount,
        "(select 'patient' as kind, id as patient_id, null::uuid as payer_id from load_person union all"
        " select 'payer', null, unnest from unnest(%(payers)s::uuid[]) where unnest is not null union all"
        " select unnest, null, null from unnest(array['cash', 'revenue', 'contractual', 'write_off'])) x",
        id="uuidv7()", kind="kind", patient_id="patient_id", payer_id="payer_id",
    )  # fmt: skip


def ledger(f: Filler) -> None:
    f.run("drop table if exists load_posting")
    f.run(_POSTINGS)
    f.run("analyze load_posting")
    f.fill(
        billing.LedgerTransaction, "load_posting", id="id", key="key", kind="kind", at="moment",
        effective_date="moment::date", patient_id="patient_id", claim_id="claim_id", charge_id="charge_id",
        by_name="'Stead'",
    )  # fmt: skip
    f.fill(
        billing.LedgerEntry, _SIDES, id=at("moment"), transaction_id="load_posting.id", account_id="a.id",
        patient_id="load_posting.patient_id", amount_cents="s.cents",
    )  # fmt: skip


LINES = """
create temp table load_line (moment timestamptz, verb text, who uuid, who_name text, about text, about_id uuid,
  patient_id uuid, data jsonb, id uuid) on commit preserve rows
"""
_ADD_LINES = f"""
insert into load_line
select *, {at("moment")} as id from (
  select booked_at as moment, 'appointment.booked' as verb, %(desk)s::uuid as who, %(desk_name)s as who_name,
    'scheduling.appointment' as about, id as about_id, patient_id, '{{}}'::jsonb as data from load_visit
  union all
  select ends_at, 'appointment.finished', staff_id, name, 'scheduling.appointment', id, patient_id, '{{}}'
  from load_visit where status = 'done'
  union all
  select signed_at, 'note.signed', staff_id, name, 'care.note', note_id, patient_id,
    jsonb_build_object('encounter_id', encounter_id) from load_visit where charge_id is not null
  union all
  select answered_at, case when denied then 'claim.denied' else 'claim.paid' end, %(system)s::uuid, %(system_name)s,
    'billing.claim', claim_id, patient_id, jsonb_build_object('number', 'LD' || line_number)
  from load_visit where {JUDGED}
) x
"""
_LINKED = """
(select l.*, lag(l.id) over w as before_id, lag(verb) over w as before_verb, lag(who) over w as before_who,
   lag(moment) over w as before_at
 from load_line l window w as (partition by patient_id order by moment, l.id)) x
"""


def lines(f: Filler) -> None:
    """Gather the stretch's lines; they are written at the end, because a line's predecessor may be of a later one."""
    f.run(_ADD_LINES)


def journal(f: Filler) -> None:
    """Write all lines, each linked to its predecessor, and the heads."""
    f.fill(
        JournalEntry, _LINKED, id="x.id", at="moment", verb="verb",
        actor_kind="case when who = %(system)s then 'system' else 'staff' end", actor_id="who", actor_name="who_name",
        subject_type="about", subject_id="about_id", patient_id="patient_id", data="data",
        previous_id="before_id", previous_verb="coalesce(before_verb, '')", previous_actor_id="before_who",
        waited_seconds="extract(epoch from moment - before_at)::bigint",
    )  # fmt: skip
    f.fill(
        JournalHead,
        "(select distinct on (patient_id) * from load_line order by patient_id, moment desc, id desc) x",
        id="patient_id", last_id="x.id", last_at="moment", last_verb="verb", last_actor_id="who",
    )  # fmt: skip
