"""The invariants that look across rooms; each works its truth out anew instead of asking what keeps it."""

from stead.platform.invariants import declare
from stead.scheduling.terms import TRAVEL_MINUTES

_TRAVEL = f"interval '{TRAVEL_MINUTES} minutes'"

declare(
    "no_double_booking",
    "No practitioner, room or patient is claimed twice at the same time in the same lane",
    # Not the constraint's own operator: each claim is held against the latest end before it.
    """select count(*) from (select lower(during) as starts, max(upper(during)) over (
         partition by practice_id, resource_id, lane order by lower(during), id
         rows between unbounded preceding and 1 preceding) as busy_until from resource_claim) c
       where starts < busy_until""",
)
declare(
    "claims_match_book",
    "Every visit in the book claims its practitioner, patient and room as such, and a visit given back claims nothing",
    """select count(*) from (
         select a.practice_id, a.id from appointment a
         left join resource_claim c on c.practice_id = a.practice_id and c.appointment_id = a.id
         group by a.practice_id, a.id, a.status, a.starts_at, a.practitioner_id, a.patient_id, a.room_id
         having (a.status in ('cancelled', 'late_cancel') and count(c.id) > 0)
             or (a.status in ('held', 'booked', 'confirmed', 'arrived', 'in_session')
                 and not coalesce(
                   bool_or(c.resource_kind = 'practitioner' and c.resource_id = a.practitioner_id)
                   and bool_or(c.resource_kind = 'patient' and c.resource_id = a.patient_id)
                   and (a.room_id is null or bool_or(c.resource_kind = 'room' and c.resource_id = a.room_id)),
                 false))) broken""",
)
declare(
    "free_days_true",
    "The free time kept for a day is the time worked less what is claimed",
    # `&&` says the same as the two comparisons, and is found by an index; they leave out a day without any open hour.
    f"""select count(*) from free_day f
       where f.free <> f.open - coalesce((
         select range_agg(case when a.location_id = f.location_id or a.modality <> 'room' then c.during
           else tstzrange(lower(c.during) - {_TRAVEL}, upper(c.during) + {_TRAVEL}) end)
         from resource_claim c join appointment a on a.practice_id = c.practice_id and a.id = c.appointment_id
         where c.practice_id = f.practice_id and c.resource_id = f.staff_id and c.lane = 0
           and c.during && tstzrange(lower(f.open) - {_TRAVEL}, upper(f.open) + {_TRAVEL})
           and upper(c.during) > lower(f.open) - {_TRAVEL} and lower(c.during) < upper(f.open) + {_TRAVEL}
       ), '{{}}'::tstzmultirange)""",  # noqa: S608 - a number of ours
)
declare(
    "ledger_balances",
    "Every posting of the ledger sums to zero",
    """select count(*) from (select 1 from ledger_transaction t
         left join ledger_entry e on e.practice_id = t.practice_id and e.transaction_id = t.id
         group by t.practice_id, t.id having coalesce(sum(e.amount_cents), 1) <> 0) broken""",
)
declare(
    "closes_equal_postings",
    "A close of the ledger carries what was posted before it, account by account",
    # By steps: the first close is all before it, each later one what the one before carries and the postings since.
    """with closes as (select practice_id, id, until, lag(id) over w as before_id,
           coalesce(lag(until) over w, '-infinity') as since
         from ledger_close window w as (partition by practice_id order by until))
       select count(*) from (select from (
           select c.practice_id, c.id as close_id, e.account_id, e.amount_cents as cents from closes c
           join ledger_transaction t on t.practice_id = c.practice_id and t.at >= c.since and t.at < c.until
           join ledger_entry e on e.practice_id = t.practice_id and e.transaction_id = t.id
           union all
           select c.practice_id, c.id, b.account_id, b.amount_cents from closes c
           join carried_balance b on b.practice_id = c.practice_id and b.close_id = c.before_id
           union all
           select practice_id, close_id, account_id, -amount_cents from carried_balance) x
         group by practice_id, close_id, account_id having sum(cents) <> 0) broken""",
)
declare(
    "charges_have_signed_notes",
    "There is no charge without a signed note",
    """select count(*) from charge c where c.voided_at is null and not exists (select from note n
         where n.practice_id = c.practice_id and n.encounter_id = c.encounter_id and n.state = 'signed')""",
)
declare(
    "visits_know_their_signature",
    "A visit says that its note is signed exactly when it is",
    """select count(*) from encounter e left join note n
         on n.practice_id = e.practice_id and n.encounter_id = e.id and n.state = 'signed'
       where e.signed_at is distinct from n.signed_at""",
)
declare(
    "authorizations_counted",
    "An authorization's units used are what its visits took and did not give back",
    """select count(*) from payer_authorization a where a.units_used <> coalesce((select sum(u.units)
         from authorization_use u where u.practice_id = a.practice_id and u.authorization_id = a.id
           and u.given_back_at is null), 0)""",
)
declare(
    "claims_equal_lines",
    "A claim's total is the sum of its lines",
    """select count(*) from (select from claim c
         left join claim_line l on l.practice_id = c.practice_id and l.claim_id = c.id
         group by c.practice_id, c.id, c.total_cents 
         having coalesce(sum(l.amount_cents), 0) <> c.total_cents) broken""",
)
declare(
    "claims_paid_as_answered",
    "What a claim was paid is what the remittances said of it",
    """select count(*) from claim c where c.paid_cents <> coalesce((select sum(r.paid_cents) from remittance_claim r
         where r.practice_id = c.practice_id and r.claim_id = c.id), 0)""",
)
declare(
    "answers_can_be_read_back",
    "What a payer said of a claim is kept in the shape that a later match posts from",
    """select count(*) from remittance_claim r cross join jsonb_array_elements(r.adjustments) p
       where jsonb_typeof(p) <> 'object' or not p ?& array['control', 'code', 'charged', 'paid', 'adjustments',
       'remarks']""",
)
declare(
    "denials_have_claims_open_to_work",
    "An open denial belongs to a claim that is not paid in full",
    """select count(*) from denial d join claim c on c.practice_id = d.practice_id and c.id = d.claim_id
       where d.state = 'open' and c.state = 'paid'""",
)
declare(
    "cases_say_who",
    "Every open case has an owner, or says why it has none",
    """select count(*) from case_run where state = 'open' and owner_staff_id is null and owner_reason = ''""",
)
declare(
    "cases_end_with_a_code",
    "Every closed case says how it ended",
    "select count(*) from case_run where state = 'closed' and (close_code = '' or closed_at is null)",
)
declare(
    "one_holder_per_seat",
    "No seat has two names on one day",
    """select count(*) from seat_holding a join seat_holding b
       on a.practice_id = b.practice_id and a.seat_id = b.seat_id and a.id < b.id
       where a.from_date < coalesce(b.until_date, 'infinity') and b.from_date < coalesce(a.until_date, 'infinity')""",
)
declare(
    "journal_rows_accounted",
    "Every line of the journal is sealed or waiting for its seal",
    """select count(*) from journal_entry e where not exists (select from journal_sealed s
         where s.practice_id = e.practice_id and s.id = e.id) and not exists (select from journal_pending p
         where p.practice_id = e.practice_id and p.id = e.id)""",
)
declare(
    "journal_hashes_hold",
    "No line of the journal was changed after it was written",
    "select count(*) from journal_entry e where e.hash is distinct from stead.journal_hash(e)",
)
declare(
    "messages_have_one_key",
    "No message was queued twice",
    """select count(*) from (select 1 from outbox_message group by practice_id, key having count(*) > 1) broken""",
)
declare(
    "tenants_stay_apart",
    "No visit, claim or note points into another practice",
    """select (select count(*) from appointment a where not exists (select from patient p
                 where p.practice_id = a.practice_id and p.id = a.patient_id))
            + (select count(*) from claim c where not exists (select from coverage v
                 where v.practice_id = c.practice_id and v.id = c.coverage_id))
            + (select count(*) from note n where not exists (select from encounter e
                 where e.practice_id = n.practice_id and e.id = n.encounter_id))""",
)
