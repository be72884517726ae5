"""What the authorization matrix sends: for each route that takes a POST, a form that the practice would accept.

    valid("rhythm_raise", {"title": "Phones ring too long"})
    valid("practice_seat_assign", lambda rows: {"staff_id": ..., "from_date": "2026-12-01"})

A maker may also bring the row into the state that the form needs. A page's form is found by the route's name, an API
body by method and address. A route that posts and stands in none of VALID, NO_INPUT and ELSEWHERE fails the matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps

from stead.platform import clock
from stead.platform.actors import Role
from stead.testing.matrix import Route
from stead.testing.rows import Rows

Form = dict[str, Any]
FormMaker = Callable[[Rows], Form]
VALID: dict[str, FormMaker] = {}
NO_INPUT: set[str] = set()
"""Routes whose whole input is their address; the empty form is the valid one."""

ELSEWHERE: dict[str, tuple[str, str]] = {
    "processes_playbook_write": (
        "takes a whole playbook",
        "stead.processes.tests.test_pages.test_pages::test_a_manager_publishes_and_a_mistake_is_told_with_its_line",
    ),
    "forms_sign": (
        "needs a wording in force",
        "stead.forms.tests.test_pages.test_agreements::test_desk_records_a_signature_and_takes_it_back",
    ),
    "forms_revoke": (
        "needs a signature that can be taken back",
        "stead.forms.tests.test_pages.test_agreements::test_desk_records_a_signature_and_takes_it_back",
    ),
    "coverage_verify": (
        "needs a card with both sides",
        "stead.coverage.tests.test_pages::test_card_is_kept_shown_and_compared",
    ),
    "numbers_definition": (
        "needs a declared measure",
        "stead.operating.tests.test_pages.test_scorecard::test_target_is_set_and_a_wrong_one_refused",
    ),
    "numbers_raise": (
        "needs a measured week",
        "stead.operating.tests.test_pages.test_scorecard::test_same_key_raises_once_and_answers_alike",
    ),
    "processes_item": (
        "needs a case with items",
        "stead.processes.tests.test_pages.test_pages::test_an_uploaded_paper_is_kept_accepted_and_the_page_says_so",
    ),
    "jobs_retry": (
        "needs a job that gave up",
        "stead.platform.web.tests.test_own_pages::test_dead_jobs_are_listed_and_tried_again",
    ),
    "POST cases/{}/items/{}/accept": (
        "needs a case with items",
        "stead.processes.tests.test_pages.test_pages::test_an_uploaded_paper_is_kept_accepted_and_the_page_says_so",
    ),
    "POST cases/{}/items/{}/ask": (
        "needs a case with items",
        "stead.processes.tests.test_pages.test_pages::test_an_uploaded_paper_is_kept_accepted_and_the_page_says_so",
    ),
    "POST cases/{}/items/{}/return": (
        "needs a case with items",
        "stead.processes.tests.test_pages.test_pages::test_an_uploaded_paper_is_kept_accepted_and_the_page_says_so",
    ),
    "POST claims/{}/resubmit": (
        "needs a claim that was answered",
        "stead.billing.tests.test_claims::test_denied_claim_is_replaced_quoting_the_payers_number_and_corrected",
    ),
    "billing_resend_claim": (
        "needs a claim that was answered",
        "stead.billing.tests.test_pages::test_wrong_correction_is_said_and_nothing_leaves",
    ),
    "billing_charge_again": (
        "needs a charge that was voided",
        "stead.billing.tests.test_pages::test_charge_is_voided_and_the_visit_charged_again",
    ),
    "billing_write_off_claim": (
        "needs a charge in the ledger",
        "stead.billing.tests.test_pages::test_write_off_above_the_limit_is_refused_on_the_form",
    ),
    "billing_denial": (
        "needs a denial with its claim answered",
        "stead.billing.tests.test_pages::test_mending_a_denial_sends_the_replacement_and_opens_the_next",
    ),
    "billing_match": (
        "needs a remittance without its claim",
        "stead.billing.tests.test_pages::test_answer_without_a_claim_is_given_to_its_claim",
    ),
    "care_amend_note": (
        "needs a signed note",
        "stead.care.tests.test_pages::test_signed_note_is_read_with_its_amendments",
    ),
    "coverage_attach": (
        "takes a file",
        "stead.coverage.tests.test_pages::test_card_is_kept_shown_and_compared",
    ),
    "exchange_read_again": (
        "needs a file in the mailbox",
        "stead.exchange.tests.test_pages::test_reading_again_keeps_what_is_still_wrong",
    ),
    "portal_item": (
        "takes a file",
        "stead.portal.tests.test_pages.test_home::test_photo_is_sent_with_the_camera_and_received",
    ),
    "portal_find": (
        "needs a book with hours",
        "stead.portal.tests.test_pages.test_visits::test_known_patient_books_and_moves_a_visit_alone",
    ),
    "portal_book": (
        "needs a book with hours",
        "stead.portal.tests.test_pages.test_visits::test_known_patient_books_and_moves_a_visit_alone",
    ),
    "intake_urgent": (
        "needs a request that waits",
        "stead.intake.tests.test_pages.test_safety::test_coordinator_marks_a_request_as_urgent",
    ),
    "intake_safety_minutes": (
        "needs the practice's setting",
        "stead.intake.tests.test_pages.test_safety::test_manager_changes_the_minutes",
    ),
    "intake_safety_take": (
        "needs an alarm that rings",
        "stead.intake.tests.test_safety::test_second_who_takes_it_learns_who_has_it",
    ),
    "intake_safety_pass": (
        "needs an alarm that rings",
        "stead.intake.tests.test_safety::test_who_cannot_passes_it_on_at_once",
    ),
    "intake_safety_settle": (
        "needs an alarm that was taken",
        "stead.intake.tests.test_safety::test_no_danger_takes_the_mark_away",
    ),
    "portal_pay": (
        "needs a bill and a card that is good",
        "stead.portal.tests.test_pages.test_bills::test_bill_is_paid_in_two_steps_and_ends_with_a_receipt",
    ),
    "billing_tell": (
        "needs a patient who may be written to about bills",
        "stead.billing.tests.test_pages::test_link_is_sent_again_and_the_earlier_one_ends",
    ),
    "portal_papers": (
        "names the wordings that are shown",
        "stead.portal.tests.test_pages.test_by_link::test_one_act_signs_each_paper_as_if_it_were_signed_alone",
    ),
    "portal_agreement": (
        "names the wording that is shown",
        "stead.portal.tests.test_pages.test_home::test_agreement_is_read_and_signed",
    ),
}
"""Routes whose form needs a story before it: why, and the test that tells it, of the page or of its action. The matrix
still sends them nonsense as everybody."""


SENT_BY: dict[str, Role] = {"care_note": "clinician"}
"""Who sends where not everybody with the permission may: a draft is its author's."""


def valid(key: str, form: Form | FormMaker) -> None:
    VALID[key] = form if callable(form) else lambda rows: form


def key_of(route: Route) -> str:
    """Return how a route is named here: its own name, or for the API its method and address."""
    if route.method == "page":
        return route.name
    short = route.address.removeprefix("api/v1/")
    for hole in route.holes:
        start = next(i for i in range(len(short)) if short[i] == "<" and hole in short[i : short.index(">", i)])
        short = short[:start] + "{}" + short[short.index(">", start) + 1 :]
    return f"{route.method} {short}"


def form_of(route: Route, rows: Rows) -> Form | None:
    """Return the form to send; None where the route declares none."""
    maker = VALID.get(key_of(route))
    if maker is not None:
        return maker(rows)
    return {} if key_of(route) in NO_INPUT else None


def _person(rows: Rows) -> str:
    return str(rows.of("practice.StaffMember").id)


def _days(n: int) -> str:
    return (clock.now().date() + timedelta(days=n)).isoformat()


def _state(label: str, form: Form, **columns: Any) -> FormMaker:
    """Return a maker that first brings the row of the model into a state."""

    def make(rows: Rows) -> Form:
        row = rows.of(label)
        type(row).objects.filter(id=row.id).update(**columns)
        return form

    return make


NO_INPUT |= {
    "rhythm_hold", "rhythm_todo_finish", "practice_absence_cancel", "processes_task_done", "glass_end", "glass_review",
    "POST tasks/{}/done", "POST appointments/{}/cancel", "billing_check_claim", "setup_reopen",
    "coverage_ask", "exchange_fetch", "exchange_send", "exchange_settle", "calendar_step",
    "messaging_stop", "portal_take_back", "portal_end_insurance", "portal_confirm",
}  # fmt: skip
valid("rhythm_open", lambda rows: {"day": _days(3), "time": "09:00", "chair": rows.of("practice.Seat").key})
valid("rhythm_raise", {"title": "The phone rings too long"})
valid("rhythm_settle", {"decision": "Two people answer from nine to ten", "why": "Half of the calls come then"})
valid("rhythm_todo_make", lambda rows: {"words": "Ask Ana", "owner": _person(rows), "due_date": _days(5)})
valid(
    "practice_absence_record",
    lambda rows: {"staff_id": _person(rows), "first_date": _days(40), "last_date": _days(41), "words": "away"},
)
valid("practice_seat_assign", lambda rows: {"staff_id": _person(rows), "from_date": _days(0)})
valid("practice_seat_backup", lambda rows: {"staff_id": _person(rows), "rank": 1})


_PERSON = {"name": "Teo Lindqvist", "languages": "en"}
valid(
    "setup_invite",
    lambda rows: _PERSON | {"email": "teo@example.test", "roles": "biller", "started_date": _days(1)},
)
valid("setup_person", _PERSON)
valid("setup_roles", {"roles": "biller"})
valid("setup_end", lambda rows: {"last_date": _days(3)})


def _invitable(rows: Rows) -> Form:
    """Somebody with an address who does not sign in yet."""
    return _state("practice.StaffMember", {}, email="teo@example.test", ended_date=None)(rows)


def _invited(rows: Rows) -> Form:
    expires = clock.now() + timedelta(days=7)
    rows.make("setup.StaffInvitation", staff_id=_person(rows), email="teo@example.test", expires_at=expires)
    return _invitable(rows)


valid("setup_invite_again", _invitable)
valid("setup_withdraw", _invited)
_PLACE = {"name": "Bowling Green", "time_zone": "America/Chicago", "mon_opens": "08:00", "mon_closes": "17:00"}
valid("setup_places", _PLACE)
valid("setup_place", _PLACE)
valid("setup_room_add", {"name": "Room 9", "capacity": 2})
valid("setup_room", {"name": "Room 9", "capacity": 2})
valid("setup_closed_days", lambda rows: {"day": _days(90), "words": "Stocktaking"})
valid("setup_preset", {"preset": "solo"})
valid("setup_seats", {"name": "Group lead", "key": "group_lead", "duties": "Leads groups"})
valid(
    "setup_profile",
    {
        "name": "Linden Street Counseling", "time_zone": "America/New_York", "legal_name": "Linden Street LLC",
        "npi": "1234567893", "tax_id": "610000000", "taxonomy": "261QM0801X", "phone": "502 555 0100",
        "email": "office@example.test", "line1": "12 Linden Street", "city": "Louisville", "state": "KY",
        "zip_code": "40203",
    },
)  # fmt: skip
valid("practice_licence_add", lambda rows: {"state": "ky", "number": "77", "expires_date": _days(400)})


def _mending(rows: Rows) -> Form:
    """A gate asks for a card, and a seat answers for that."""
    clause = {
        "id": "card",
        "words": "A card",
        "expression": "patient.card_on_file",
        "seat": rows.of("practice.Seat").key,
    }
    rows.make("processes.Gate", key="matrix", action="book_appointment", clauses=[clause], retired_at=None)
    return {"gate": "matrix", "clause": "card", "patient": str(rows.of("patients.Patient").id)}


valid("processes_ask_to_mend", _mending)


def _vacate(rows: Rows) -> Form:
    rows.of("practice.SeatHolding", seat_id=rows.of("practice.Seat").id, until_date=None)
    return {"until_date": _days(2)}


valid("practice_seat_vacate", _vacate)
valid("processes_hand_over", lambda rows: {"seat_key": rows.of("practice.Seat").key, "reason": "They know it"})
valid("processes_close", {"code": "done"})
valid("POST cases/{}/hand-over", lambda rows: {"seat_key": rows.of("practice.Seat").key})
valid("POST cases/{}/close", {"code": "done"})
valid("api_tokens", {"name": "Nightly export", "days": 30, "scopes": "patients.read"})
valid("security", {"roles": "biller", "days": 14})
NO_INPUT.add("api_token_revoke")
valid("glass", {"reason": "The patient collapsed in the waiting room", "minutes": 15})
_DEE = {"first_name": "Deirdre", "last_name": "Marsh", "birth_date": "1991-03-14", "state": "KY"}
valid("POST patients", _DEE)
valid("PUT patients/{}", _DEE)
_DEE_FORM = _DEE | {"sex": "female", "language": "en", "status": "prospect"}
valid("patients_new", _DEE_FORM)


def _edit(rows: Rows) -> Form:
    from stead.patients.queries import version_of

    return _DEE_FORM | {"version": version_of(rows.of("patients.Patient"))}


valid("patients_edit", _edit)
valid("patients_related", {"name": "Joan Marsh", "relation": "parent", "may_consent": "on", "proof": "custody_order"})
NO_INPUT.add("patients_related_end")
valid("patients_consent", {"channel": "email", "purpose": "care", "granted": "yes"})
valid(
    "POST eligibility-checks",
    lambda rows: {"coverage_id": str(rows.of("coverage.Coverage").id), "service_date": _days(0)},
)
_POLICY = {"member_id": "W20014522", "rank": 2, "relation": "self"}
valid("coverage_new", lambda rows: _POLICY | {"payer": str(rows.of("coverage.Payer").id)})
valid("coverage_retire", {"ends_date": _days(1)})
valid("coverage_authorize", {"number": "A-77", "units": 8, "starts_date": "11/01/2026", "ends_date": "12/31/2026"})
valid(
    "coverage_answer", _state("coverage.EligibilityCheck", {"state": "active", "said": "Kim, call 12"}, state="asked")
)


def _payer_owes(rows: Rows) -> Form:
    """Let the payer owe what it refused: only what is still open can become the patient's."""
    from stead.billing import ledger
    from stead.billing.terms import Account, Posting, Side
    from stead.platform.tenancy import context

    denial = rows.of("billing.Denial")
    cents = denial.amount_cents
    sides = (Side(Account("payer", payer_id=denial.claim.payer_id), cents), Side(Account("revenue"), -cents))
    posting = Posting(
        "owed", "charge", clock.now().date(), sides, patient_id=denial.claim.patient_id, claim_id=denial.claim_id
    )
    ledger.post(posting, by=context.current().actor, at=clock.now())
    return {}


valid("billing_take_back", {"reason": "A mistake"})
valid("billing_denial_to_patient", _payer_owes)
valid("billing_void_charge", {"reason": "Wrong visit"})
valid("billing_close_answer", _state("billing.RemittanceClaim", {"reason": "A copy"}, claim_id=None))
valid("billing_settle_adjustment", {"reason": "Agrees with the reversal"})
_CASH = {"amount_cents": 1000, "method": "cash", "key": "matrix"}
valid("POST patients/{}/payments", _CASH)
valid("billing_take_payment", {"amount": "10.00", "method": "cash"})
valid("forms_publish", {"kind": "privacy_notice", "title_en": "Privacy", "text_en": "We keep what you say."})


def _tomorrow(rows: Rows) -> Form:
    start = clock.now() + timedelta(days=1)
    return _state("scheduling.Appointment", {}, starts_at=start, ends_at=start + timedelta(minutes=50))(rows)


valid("portal_cancel", _tomorrow)
NO_INPUT |= {"calendar_service_offer", "calendar_service_retire"}
_PAYER = {"name": "Bluegrass", "edi_id": "77001", "filing_code": "CI", "timely_filing_days": 90, "appeal_days": 90}
valid("coverage_payer_add", _PAYER | {"silent_after_days": 21})
valid(
    "calendar_service_add", {"name": "Group", "minutes": 50, "buffer_minutes": 10, "price": "80.00", "modality": "room"}
)
valid("calendar_hours_end", lambda rows: {"until_date": _days(30)})


def _hours(rows: Rows) -> Form:
    person = rows.of("practice.StaffMember")
    type(person).objects.filter(id=person.id).update(is_practitioner=True, ended_date=None)
    place = rows.of("practice.Location")
    type(place).objects.filter(id=place.id).update(closed_date=None)
    block = {"weekdays": "0", "starts": "09:00", "ends": "12:00", "from_date": _days(1)}
    return block | {"staff": str(person.id), "location": str(place.id)}


valid("calendar_hours_add", _hours)


def _today(rows: Rows) -> Form:
    """The visit is about to begin: it is checked in on its own day."""
    start = clock.now() + timedelta(minutes=10)
    return _state("scheduling.Appointment", {}, starts_at=start, ends_at=start + timedelta(minutes=50))(rows)


valid("POST appointments/{}/check-in", _today)


def _over(rows: Rows) -> Form:
    """The visit's planned end is over, and nobody pressed a button."""
    now = clock.now()
    planned = {"starts_at": now - timedelta(hours=2), "ends_at": now - timedelta(hours=1)}
    _state("scheduling.Appointment", {}, status="booked", **planned)(rows)
    zone = ZoneInfo(rows.of("scheduling.Appointment").location.time_zone)
    began, ended = (f"{moment.astimezone(zone):%H:%M}" for moment in planned.values())
    return {"began": began, "ended": ended, "reason": "not_pressed"}


valid("calendar_late", _over)
valid("calendar_cancel", {"reason": "patient_asked"})
valid("messaging_send_again", _state("messaging.OutboxMessage", {}, state="failed"))
_FIRST = {"kind": "document", "key": "first", "stage_key": "first"}


def _sent_file(rows: Rows) -> Form:
    return _state("processes.CaseItem", {}, state="received", file_id=rows.of("platform.StoredFile").id, **_FIRST)(rows)


valid("intake_accept", _sent_file)
valid("intake_return", _state("processes.CaseItem", {"reason": "unreadable"}, state="received", **_FIRST))
valid("intake_invite", _state("patients.Patient", {}, email="dee@example.test"))
valid("billing_card", {"token": "tok_sixteenletters", "brand": "Visa", "last4": "4242", "expires_month": 5,
                       "expires_year": 2031})  # fmt: skip
valid("portal_card", {"token": "tok_4242424242", "brand": "Visa", "last4": "4242", "expires_month": 5,
                      "expires_year": 2031})  # fmt: skip


def _first_policy(rows: Rows) -> Form:
    form = {"payer": str(rows.of("coverage.Payer").id), "member_id": "W20014522", "relation": "self"}
    return _state("coverage.Coverage", form, retired_at=clock.now())(rows)


valid("portal_insurance", _first_policy)
_HOME = {"line1": "12 Linden Street", "city": "Louisville", "zip_code": "40203", "state": "KY"}
valid("portal_address", _HOME)
valid("portal_ask", {"text": "May I bring my sister?"})


def _book(rows: Rows, names: tuple[str, str, str, str] = ("patient", "service", "practitioner", "location")) -> Form:
    """Open a book with hours, and wish for eleven o'clock of the next Tuesday that is not tomorrow."""
    from stead.platform.tenancy import context
    from stead.scheduling.tests.book import LOUISVILLE, open_book

    now = context.current()
    book = open_book(now.practice_id, now.actor, clock.now())
    day = clock.now().astimezone(LOUISVILLE).date() + timedelta(days=2)
    day += timedelta(days=(1 - day.weekday()) % 7)
    starts = datetime.combine(day, time(11), LOUISVILLE).isoformat()
    ids = (rows.of("patients.Patient").id, book.session.id, book.cho.id, book.street.id)
    return {name: str(key) for name, key in zip(names, ids, strict=True)} | {"starts_at": starts}


def _api_book(rows: Rows) -> Form:
    return _book(rows, ("patient_id", "service_id", "practitioner_id", "location_id"))


def _move(rows: Rows) -> Form:
    """The booked visit goes to the book's practitioner, who offers its service too."""
    form = _api_book(rows)
    row = rows.of("scheduling.Appointment")
    moved = {"service_id": form["service_id"], "location_id": form["location_id"], "room_id": None}
    type(row).objects.filter(id=row.id).update(**moved, practitioner_id=form["practitioner_id"], status="booked")
    return form


valid("calendar_book", _book)
valid("calendar_hold", _book)
valid("POST appointments", _api_book)
valid("POST appointments/{}/move", _move)
valid("calendar_move", lambda rows: {k.removesuffix("_id"): v for k, v in _move(rows).items()})


def _own_note(form: Form) -> FormMaker:
    """Make the draft and its session the clinician's own."""

    def make(rows: Rows) -> Form:
        clinician = apps.get_model("practice.StaffMember").objects.get(roles=["clinician"])
        note, session = rows.of("care.Note"), rows.of("care.Encounter")
        type(note).objects.filter(id=note.id).update(author_id=clinician.id)
        type(session).objects.filter(id=session.id).update(practitioner_id=clinician.id)
        return form

    return make


_TEXT = {"version_no": 1, "diagnosis": "F41.1", "data": "Slept better", "assessment": "Steady", "plan": "Go on"}
valid("care_note", _own_note(_TEXT))
valid("care_keep_note", _own_note(_TEXT))
valid("care_start_note", _own_note({}))


def _owing(form: Form) -> FormMaker:
    """Let the patient owe a hundred dollars."""

    def make(rows: Rows) -> Form:
        from stead.billing import ledger
        from stead.billing.terms import Account, Posting, Side
        from stead.platform.tenancy import context

        patient = rows.of("patients.Patient").id
        sides = (Side(Account("patient", patient), 10_000, patient), Side(Account("revenue"), -10_000))
        posting = Posting("matrix", "charge", clock.now().date(), sides, patient_id=patient, words="A visit")
        ledger.post(posting, by=context.current().actor, at=clock.now())
        return form

    return make


def _write_off(rows: Rows) -> Form:
    """The owner holds a seat that may write off, and the patient owes."""
    owner = apps.get_model("practice.StaffMember").objects.get(roles=["owner"])
    seat = rows.make("practice.Seat", key="matrix", write_off_limit_cents=50_000, refund_limit_cents=50_000)
    rows.make("practice.SeatHolding", seat_id=seat.id, staff_id=owner.id, from_date="2026-01-01")
    return _owing({"amount": "5.00", "reason": "Agreed by telephone"})(rows)


valid("billing_pay_link", {"way": "new_card"})


def _cash_of_today(form: Form) -> FormMaker:
    """The owner may give money back, and the payment is cash that was just taken, with its posting."""

    def make(rows: Rows) -> Form:
        from stead.billing import ledger, rules
        from stead.platform.tenancy import context

        _write_off(rows)
        payment, now = rows.of("billing.Payment"), clock.now()
        type(payment).objects.filter(id=payment.id).update(state="paid", method="cash", ended_at=now, amount_cents=1000)
        posting = rules.patient_payment_posting(f"pay:{payment.id}", payment.patient_id, 1000, now.date(), "cash")
        ledger.post(posting, by=context.current().actor, at=now)
        return form

    return make


valid("billing_refund", _cash_of_today({"amount": "5.00", "method": "cash", "reason": "Paid twice"}))
valid("billing_void_payment", _cash_of_today({"reason": "Wrong patient"}))


valid("billing_make_statement", _owing({}))
valid("billing_write_off_account", _write_off)
