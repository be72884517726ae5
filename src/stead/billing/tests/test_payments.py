"""Patients' money: cards, cash, write-offs, statements, reversals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from pypdf import PdfReader

from stead.billing import actions, ledger, ports, queries, rules
from stead.billing.actions.payments import (
    CardExpired,
    CardKnown,
    CardMissing,
    KeyUsedForAnother,
    StatementOfAnother,
    VisitOfAnother,
)
from stead.billing.actions.statements import NothingOwed, StatementThere
from stead.billing.actions.write_offs import AlreadyReversed, PaymentNotReversible, ReasonMissing
from stead.billing.models import LedgerTransaction, Payment, PaymentCard, Statement
from stead.billing.statement_pdf import StatementLine, StatementText, typeset
from stead.billing.terms import CardToken
from stead.billing.tests.cast import House, answer
from stead.billing.tests.conftest import Processor
from stead.patients.models import Patient
from stead.platform.actors import Actor
from stead.platform.files import store
from stead.platform.files.models import StoredFile
from stead.platform.money import Money
from stead.platform.refusals import NotFound, NotPermitted
from stead.platform.ui import words
from stead.scheduling.models import Appointment

pytestmark = pytest.mark.django_db
CARD = CardToken("tok_1", "Visa", "4242", 4, 2029)


@pytest.fixture
def owing(house: House) -> House:
    """Dee owes $30.00 after her payer's answer."""
    house.post(answer(house.claim(), 8000, [("CO", "45", 4000), ("PR", "3", 3000)]))
    return house


def pay(house: House, cents: int = 3000, method: Any = "cash", **more: Any) -> Payment:
    given: dict[str, Any] = {"key": "form-1", "patient_id": house.patient.id} | more
    return actions.take_payment(**house.door, amount=Money(cents), method=method, **given)


def waiting_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where task_name = 'billing.settle_payment'")
        return int(cursor.fetchone()[0])


def test_cash_is_posted_at_once(owing: House) -> None:
    row = pay(owing)
    assert row.state == "paid"
    assert queries.balance_of(owing.patient.id) == Money(0)


def test_card_payment_is_kept_before_the_processor_is_asked(owing: House, processor: Processor) -> None:
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CARD)
    row = pay(owing, method="card")
    assert (row.state, waiting_jobs(), processor.charges) == ("started", 1, {})
    assert queries.balance_of(owing.patient.id) == Money(3000)
    settled = owing.settle(row.id)
    assert (settled.state, settled.processor_reference) == ("paid", "ch_1")
    assert queries.balance_of(owing.patient.id) == Money(0)


def test_settling_again_takes_nothing_again(owing: House, processor: Processor) -> None:
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CARD)
    row = pay(owing, method="card")
    for _ in range(2):
        owing.settle(row.id)
    assert list(processor.charges.values()) == [3000]
    assert LedgerTransaction.objects.filter(kind="patient_payment").count() == 1


def test_processor_that_forgot_the_key_is_asked_for_the_charge_first(owing: House, processor: Processor) -> None:
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CARD)
    row = pay(owing, method="card")
    request = actions.begin_settlement(**owing.door, payment_id=row.id)
    assert request is not None
    assert not request.asked_before
    ports.ask(request)  # taken, then we crashed; a day later the key of the request is forgotten, the charge is not
    processor.charge = lambda **given: pytest.fail("charged a second time")  # type: ignore[method-assign]
    assert owing.settle(row.id).state == "paid"
    assert list(processor.charges.values()) == [3000]


def test_lost_answer_of_the_processor_is_asked_again_under_the_same_key(owing: House, processor: Processor) -> None:
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CARD)
    row = pay(owing, method="card")
    processor.charge(token="tok_1", amount_cents=3000, key=f"{owing.practice}:{row.key}")  # taken, then we crashed
    owing.settle(row.id)
    assert list(processor.charges.values()) == [3000]


def test_declined_card_leaves_the_balance_and_says_why(owing: House, processor: Processor) -> None:
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CARD)
    processor.declines = "The bank did not approve it."
    row = owing.settle(pay(owing, method="card").id)
    assert (row.state, row.declined_because) == ("declined", "The bank did not approve it.")
    assert queries.balance_of(owing.patient.id) == Money(3000)


def test_same_key_takes_money_once(owing: House) -> None:
    assert pay(owing).id == pay(owing).id
    assert ledger.balance(rules.CASH) == 8000 + 3000
    with pytest.raises(KeyUsedForAnother):
        pay(owing, cents=100)


def test_without_a_usable_card_no_card_payment_starts(owing: House) -> None:
    with pytest.raises(CardMissing):
        pay(owing, method="card")
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CARD)
    PaymentCard.objects.update(expires_year=2026, expires_month=10)
    with pytest.raises(CardExpired):
        pay(owing, method="card")
    assert not queries.has_usable_card(owing.patient.id, owing.at.date())
    with pytest.raises(CardExpired):
        actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CardToken("tok_2", "Visa", "1111", 10, 2026))


def test_card_is_kept_once_and_expires_at_the_end_of_its_month(owing: House) -> None:
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CardToken("tok", "Visa", "1", 11, 2026))
    assert queries.has_usable_card(owing.patient.id, owing.at.date())
    with pytest.raises(CardKnown):
        actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CardToken("tok", "Visa", "1", 11, 2026))


def test_without_a_processor_a_card_payment_waits(owing: House) -> None:
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CARD)
    row = pay(owing, method="card")
    before, ports._provide[:] = list(ports._provide), []
    try:
        with pytest.raises(ports.NoProcessor):
            owing.settle(row.id)
    finally:
        ports._provide[:] = before
    assert Payment.objects.get().state == "started"


def test_slip_of_the_finger_is_refused_before_money_moves(owing: House) -> None:
    with pytest.raises(rules.TooMuchAtOnce):
        pay(owing, 9_999_999_999_900)
    assert not Payment.objects.exists()


def _of_rosa(owing: House) -> tuple[UUID, UUID]:
    """A visit and a statement of another patient of the practice."""
    rosa = Patient.objects.create(number=77, first_name="Rosa", last_name="Vega", created_at=owing.at)
    statement = Statement.objects.create(
        patient_id=rosa.id, number=1, as_of_date=owing.at.date(), due_date=owing.at.date(), total_cents=1,
        made_at=owing.at,
    )  # fmt: skip
    visit = owing.visit(2, patient=rosa).appointment_id
    assert visit is not None
    return visit, statement.id


def test_visit_or_statement_of_another_patient_is_refused(owing: House) -> None:
    visit, statement = _of_rosa(owing)
    with pytest.raises(VisitOfAnother):
        pay(owing, appointment_id=visit)
    with pytest.raises(StatementOfAnother):
        pay(owing, statement_id=statement)
    for named in ("appointment_id", "statement_id"):
        nowhere: dict[str, Any] = {named: uuid4()}
        with pytest.raises(NotFound):
            pay(owing, **nowhere)
    assert not Payment.objects.exists()


def test_own_visit_and_statement_are_kept_on_the_payment(owing: House) -> None:
    visit = Appointment.objects.filter(patient_id=owing.patient.id).first()
    statement = actions.make_statement(**owing.door, patient_id=owing.patient.id)
    assert visit is not None
    row = pay(owing, appointment_id=visit.id, statement_id=statement.id)
    assert (row.appointment_id, row.statement_id) == (visit.id, statement.id)
    with pytest.raises(KeyUsedForAnother):
        pay(owing)


@pytest.mark.parametrize(
    ("constraint", "named"),
    [("payment_appointment_fk", 0), ("payment_statement_fk", 1), ("payment_card_fk", 2)],
)
def test_the_database_keeps_a_payment_within_one_patient(owing: House, constraint: str, named: int) -> None:
    rosa = _of_rosa(owing)
    card = PaymentCard.objects.create(
        patient_id=Statement.objects.get(id=rosa[1]).patient_id, token="t", brand="Visa", last4="1", expires_month=1,
        expires_year=2030, vaulted_at=owing.at,
    )  # fmt: skip
    column = ("appointment_id", "statement_id", "card_id")[named]
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Payment.objects.create(**_payment(owing, **{column: (*rosa, card.id)[named]}))


@pytest.mark.parametrize("cents", [0, -100])
def test_nothing_or_less_is_no_payment(owing: House, cents: int) -> None:
    with pytest.raises(rules.NothingToPost):
        pay(owing, cents=cents)


def test_patient_pays_for_themselves_only(owing: House, ana: Actor) -> None:
    dee = Actor(owing.patient.id, "patient", "Dee Marsh", frozenset({"patient"}))
    other = Actor(ana.id, "patient", "Somebody", frozenset({"patient"}))
    door = owing.door | {"by": other}
    with pytest.raises(NotFound):
        actions.take_payment(**door, patient_id=owing.patient.id, amount=Money(1), method="cash", key="x")
    door = owing.door | {"by": dee, "patient_id": owing.patient.id}
    with pytest.raises(rules.CardsOnly):
        actions.take_payment(**door, amount=Money(100), method="cash", key="y")
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CARD)
    assert actions.take_payment(**door, amount=Money(2000), method="card", key="y").state == "started"
    with pytest.raises(rules.MoreThanOwed):
        actions.take_payment(**door, amount=Money(1001), method="card", key="z")
    assert actions.take_payment(**door, amount=Money(1000), method="card", key="z").state == "started"


def test_patient_does_not_settle_payments(owing: House) -> None:
    dee = Actor(owing.patient.id, "patient", "Dee Marsh", frozenset({"patient"}))
    actions.vault_card(**owing.door, patient_id=owing.patient.id, card=CARD)
    row = pay(owing, method="card")
    with pytest.raises(NotPermitted):
        actions.begin_settlement(**owing.door | {"by": dee}, payment_id=row.id)
    with pytest.raises(NotPermitted):
        paid = ports.ChargeOutcome(True, "made up")
        actions.settle_payment(**owing.door | {"by": dee}, payment_id=row.id, outcome=paid)
    assert queries.balance_of(owing.patient.id) == Money(3000)


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("payment_key_once", lambda h: [pay(h), Payment.objects.create(**_payment(h, key="form-1"))]),
        ("payment_amount", lambda h: Payment.objects.create(**_payment(h, amount_cents=0))),
        ("payment_card_token_once", lambda h: [_card(h), _card(h)]),
        ("statement_number_once", lambda h: [_statement(h), _statement(h)]),
    ],
)
def test_the_database_refuses(owing: House, constraint: str, make: Callable[[House], Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make(owing)


def _payment(h: House, **more: Any) -> dict[str, Any]:
    return {"patient_id": h.patient.id, "key": "k", "amount_cents": 1, "method": "cash", "started_at": h.at} | more


def _card(h: House) -> PaymentCard:
    return PaymentCard.objects.create(
        patient_id=h.patient.id, token="t", brand="Visa", last4="1", expires_month=1, expires_year=2030,
        vaulted_at=h.at,
    )  # fmt: skip


def _statement(h: House) -> Statement:
    return Statement.objects.create(
        patient_id=h.patient.id, number=1, as_of_date=h.at.date(), due_date=h.at.date(), total_cents=1, made_at=h.at
    )


def test_write_off_within_the_limit_of_the_seat(owing: House) -> None:
    owing.seat("Biller", 2500, owing.by)
    actions.write_off(**owing.door, patient_id=owing.patient.id, amount=Money(2500), reason="Small balance")
    assert queries.balance_of(owing.patient.id) == Money(500)
    assert ledger.balance(rules.WRITE_OFF) == 2500


def test_write_off_above_the_limit_names_who_may(owing: House, mona: Actor, staff_row: Callable[[Actor], Any]) -> None:
    staff_row(mona)
    owing.seat("Biller", 2500, owing.by)
    owing.seat("Practice Manager", 100_000, mona)
    with pytest.raises(rules.WriteOffAboveLimit, match=r"up to \$25.00.*Mona Petrakis \(Practice Manager\)"):
        actions.write_off(**owing.door, patient_id=owing.patient.id, amount=Money(3000), reason="Small balance")
    assert ledger.balance(rules.WRITE_OFF) == 0


def test_without_a_seat_nothing_is_written_off(owing: House, ana: Actor) -> None:
    with pytest.raises(rules.WriteOffAboveLimit, match="No seat may"):
        actions.write_off(**owing.door, patient_id=owing.patient.id, amount=Money(1), reason="x")
    with pytest.raises(NotPermitted):
        actions.write_off(**owing.door | {"by": ana}, patient_id=owing.patient.id, amount=Money(1), reason="x")


def test_more_than_is_owed_or_without_reason_is_refused(owing: House) -> None:
    owing.seat("Biller", 100_000, owing.by)
    with pytest.raises(rules.WriteOffAboveBalance):
        actions.write_off(**owing.door, patient_id=owing.patient.id, amount=Money(3001), reason="x")
    with pytest.raises(ReasonMissing):
        actions.write_off(**owing.door, patient_id=owing.patient.id, amount=Money(1), reason=" ")


def test_writing_off_what_a_claim_is_owed_closes_its_denial(house: House) -> None:
    house.seat("Revenue Lead", 50_000, house.by)
    claim = house.claim()
    house.post(answer(claim, 0, [("CO", "29", 15000)]))
    actions.write_off(**house.door, claim_id=claim.id, amount=Money(15000), reason="Filed too late")
    assert claim.denials.get().state == "written_off"
    assert queries.claim_owed(claim) == 0


def test_write_off_is_taken_back_once_and_a_payment_never(owing: House) -> None:
    owing.seat("Biller", 5000, owing.by)
    row = actions.write_off(**owing.door, patient_id=owing.patient.id, amount=Money(500), reason="Wrong patient")
    actions.reverse_transaction(**owing.door, transaction_id=row.id, reason="Mistake")
    assert queries.balance_of(owing.patient.id) == Money(3000)
    with pytest.raises(AlreadyReversed):
        actions.reverse_transaction(**owing.door, transaction_id=row.id, reason="Mistake")
    pay(owing)
    paid = LedgerTransaction.objects.get(kind="patient_payment")
    with pytest.raises(PaymentNotReversible):
        actions.reverse_transaction(**owing.door, transaction_id=paid.id, reason="Mistake")


def test_voided_charge_of_a_claim_is_owed_no_more(house: House) -> None:
    claim = house.claim()
    actions.void_charge(**house.door, charge_id=claim.lines.get().charge_id, reason="Wrong service")
    assert queries.claim_owed(claim) == 0


def test_statement_lists_what_adds_up_to_what_is_owed(owing: House) -> None:
    row = actions.make_statement(**owing.door, patient_id=owing.patient.id)
    assert row.total_cents == 3000 == sum(line["cents"] for line in row.lines)
    assert row.number == 1001
    with pytest.raises(StatementThere):
        actions.make_statement(**owing.door, patient_id=owing.patient.id)


def test_statement_starts_after_the_last_time_nothing_was_owed(owing: House) -> None:
    pay(owing)
    with pytest.raises(NothingOwed):
        actions.make_statement(**owing.door, patient_id=owing.patient.id)
    later = owing.at + timedelta(days=8)
    owing.at = later
    owing.post(answer(owing.claim(), 8000, [("CO", "45", 5000), ("PR", "3", 2000)]), trace="TRACE2")
    row = actions.make_statement(**owing.door, patient_id=owing.patient.id)
    assert [line["cents"] for line in row.lines] == [2000]


def test_statement_writes_addresses_as_people_do(owing: House) -> None:
    owing.patient.city, owing.patient.state, owing.patient.zip_code = "Louisville", "KY", "402020042"
    owing.patient.save(update_fields=["city", "state", "zip_code"])
    actions.make_statement(**owing.door, patient_id=owing.patient.id)
    pdf = PdfReader(BytesIO(store.read(StoredFile.objects.get(patient_id=owing.patient.id))))
    assert "Louisville, KY 40202-0042" in pdf.pages[0].extract_text()


def test_statement_pdf_is_tagged_and_says_the_sum(owing: House) -> None:
    row = actions.make_statement(**owing.door, patient_id=owing.patient.id)
    pdf = PdfReader(BytesIO(store.read(StoredFile.objects.get(patient_id=row.patient_id))))
    text = pdf.pages[0].extract_text()
    assert "$30.00" in text
    assert "Dee Marsh" in text
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "/StructTreeRoot" in root  # type: ignore[operator]


def read(row: Statement) -> list[str]:
    """Return the statement's pages as text."""
    assert row.file_id
    pdf = PdfReader(BytesIO(store.read(StoredFile.objects.get(id=row.file_id))))
    return [" ".join(page.extract_text().split()) for page in pdf.pages]


def test_statement_says_what_to_pay_until_when_and_where_a_check_goes(owing: House) -> None:
    row = actions.make_statement(**owing.door, patient_id=owing.patient.id, base_url="https://linden.example/")
    page = read(row)[0]
    assert f"You owe $30.00. Please pay by {words.day(row.due_date, year=True)}." in page
    assert f"write statement {row.number} on it, and mail it to: Linden Street Counseling 214 Linden Street" in page
    assert "https://linden.example/portal/bills/pay/" in page
    assert "By telephone: 5025550100" in page
    assert "Visit of" in page
    assert "CLM" not in page


def test_statement_of_who_speaks_spanish_is_spanish_in_every_line(owing: House) -> None:
    owing.patient.language = "es"
    owing.patient.save(update_fields=["language"])
    page = read(actions.make_statement(**owing.door, patient_id=owing.patient.id))[0]
    assert "Usted debe $30.00. Pague a más tardar el" in page
    assert "Cita del" in page
    assert "su plan pagó" in page
    assert "Visit" not in page
    assert "paid" not in page


def test_statement_keeps_what_was_written_for_colleagues_to_itself(owing: House) -> None:
    owing.seat("Owner", 100000, owing.by)
    actions.write_off(**owing.door, amount=Money(500), reason="Lost a job, shouted at Ana", patient_id=owing.patient.id)
    row = actions.make_statement(**owing.door, patient_id=owing.patient.id)
    assert "shouted" not in str(row.lines) + " ".join(read(row))
    assert "Taken off your bill by us" in read(row)[0]


def test_total_of_a_long_statement_stands_once_under_its_last_line() -> None:
    lines = tuple(StatementLine(date(2026, 10, 1), f"Visit {n}", 1000) for n in range(60))
    text = StatementText(
        "Linden", ("214 Linden Street",), "Dee Marsh", (), 1001, date(2026, 11, 24), date(2026, 12, 24), lines, 60000
    )
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(typeset(text))).pages]
    assert len(pages) == 3
    assert [page.count("$600.00") for page in pages] == [1, 1, 0]
    assert "You owe $600.00. Please pay by Dec 24, 2026." in pages[0]
    assert "Visit 59 $10.00 You owe $600.00" in pages[1]


def test_card_is_good_to_the_last_evening_of_its_month(owing: House) -> None:
    evening = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)  # nine in the evening of November 30 in Louisville
    house = replace(owing, at=evening)
    actions.vault_card(
        **house.door, patient_id=house.patient.id, card=replace(CARD, expires_month=11, expires_year=2026)
    )
    assert pay(house, method="card").state == "started"
