"""Charges, claims, payers' answers and a ledger that balances, for every documented visit of the story."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID

from stead.billing import rules
from stead.billing.decisions import Decision, Part
from stead.billing.models import (
    Charge,
    Claim,
    ClaimEvent,
    ClaimLine,
    Denial,
    Fee,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    PaymentCard,
    Remittance,
    RemittanceClaim,
)
from stead.billing.terms import Account, Posting, Share
from stead.simulation.demo.history import Person, Story, Visit
from stead.simulation.demo.journal import Lines
from stead.simulation.demo.people import BEN, COMMONWEALTH, INSURERS, MEDICAID, OFFERS, TRISTATE
from stead.simulation.demo.rows import Ids, Rows
from stead.simulation.demo.structure import Structure
from stead.x12.queues import queue_for

ALLOWED_PERCENT = 74
COPAY_CENTS = 2_500
CLUSTER = 7
CLUSTER_PLACE = 1
CLUSTER_CODES = ("CO", "16", "N255")
"""Missing or wrong taxonomy of the billing provider: one setting at one place, seven claims."""
ODD_DENIALS = (("CO", "197", ""), ("CO", "29", ""), ("CO", "16", "N286"), ("CO", "109", ""), ("CO", "50", ""))
SILENT = 2


@dataclass
class Answered:
    """A claim that a payer will answer on a day, with what it says."""

    claim: UUID
    line: UUID
    number: str
    person: Person
    visit: Visit
    charged: int
    payer: int
    answered_at: datetime
    denial: tuple[str, str, str] | None


class Money:
    """Writes everything that follows from a signed note."""

    def __init__(self, rows: Rows, lines: Lines, ids: Ids, made: Structure, story: Story) -> None:
        self.rows, self.lines, self.ids, self.made, self.story = rows, lines, ids, made, story
        self.random = Random(story.random.random())  # noqa: S311 - a story
        self.accounts: dict[Account, UUID] = {}
        self.answers: dict[tuple[int, date], list[Answered]] = defaultdict(list)
        self.owed: dict[UUID, list[tuple[int, datetime]]] = defaultdict(list)
        self.claims = 0
        self._cluster_left, self._silent_left = CLUSTER, SILENT

    def write(self, documented: list[tuple[Visit, UUID, datetime, str]]) -> None:
        self._fees()
        for visit, encounter, signed, code in sorted(documented, key=lambda d: d[2]):
            self._charge(visit, encounter, signed, code)
        for (payer, day), answers in sorted(self.answers.items()):
            self._remittance(payer, day, answers)
        self._patients_pay()

    def _fees(self) -> None:
        since = self.story.first_monday
        for code, cents in {offer.code: offer.cents for offer in OFFERS}.items():
            self.rows.add(Fee, procedure_code=code, amount_cents=cents, from_date=since)
            for payer in self.made.payers:
                self.rows.add(
                    Fee, payer_id=payer, procedure_code=code, amount_cents=cents * ALLOWED_PERCENT // 100,
                    from_date=since,
                )  # fmt: skip

    def _charge(self, visit: Visit, encounter: UUID, signed: datetime, code: str) -> None:
        offer, person = OFFERS[visit.service], visit.person
        charge = self.ids.at(signed)
        place, modifiers = rules.place_of(offer.modality)
        self.rows.add(
            Charge, id=charge, encounter_id=encounter, patient_id=person.id,
            practitioner_id=self.made.practitioners[visit.practitioner].id, procedure_code=offer.code,
            modifiers=modifiers, amount_cents=offer.cents, diagnosis_codes=[code], place_of_service=place,
            service_date=visit.day, made_at=signed,
        )  # fmt: skip
        payer = self.made.payers[person.insurer] if person.insurer is not None else None
        self._post(
            rules.charge_posting(charge, person.id, offer.cents, visit.day, payer_id=payer, words=offer.name), signed
        )
        if person.insurer is None:
            self.owed[person.id].append((offer.cents, signed))
        else:
            self._claim(visit, charge, offer.cents, signed)

    def _claim(self, visit: Visit, charge: UUID, cents: int, signed: datetime) -> None:
        person = visit.person
        assert person.insurer is not None
        self.claims += 1
        insurer, number = INSURERS[person.insurer], f"LS{self.claims:07d}"
        claim, line = self.ids.at(signed), self.ids.at(signed)
        sent = _next_evening(signed)
        silent = self._is_silent(visit, sent)
        answered = sent + timedelta(days=self.random.randrange(*insurer.answer_days), hours=11)
        state = "ready" if sent > self.story.now else ("sent" if silent else "accepted")
        judged = not silent and answered < self.story.now and state == "accepted"
        denial = self._denial_of(visit) if judged else None
        paid = self._share(cents, person.insurer, denial).paid if judged else 0
        self.rows.add(
            Claim, id=claim, number=number, patient_id=person.id, coverage_id=person.coverage_id,
            payer_id=self.made.payers[person.insurer],
            practitioner_id=self.made.practitioners[visit.practitioner].id,
            location_id=self.made.locations[person.place].id, total_cents=cents, paid_cents=paid,
            state=("denied" if denial else "paid") if judged else state, service_date=visit.day, made_at=signed,
            sent_at=sent if state != "ready" else None,
            state_at=answered if judged else min(sent, self.story.now),
            payer_claim_number=f"P{self.claims:08d}" if judged else "",
            file_before_date=visit.day + timedelta(days=insurer.filing_days),
        )  # fmt: skip
        share = self._share(cents, person.insurer, denial) if judged else Share()
        self.rows.add(
            ClaimLine, id=line, claim_id=claim, charge_id=charge, position=1, line_control=f"{number}-1",
            amount_cents=cents, paid_cents=share.paid, adjusted_cents=share.contractual, patient_cents=share.patient,
        )  # fmt: skip
        self._tell(claim, person, number, signed, sent, silent)
        if judged:
            self.answers[(person.insurer, answered.date())].append(
                Answered(claim, line, number, person, visit, cents, person.insurer, answered, denial)
            )

    def _tell(self, claim: UUID, person: Person, number: str, made: datetime, sent: datetime, silent: bool) -> None:
        self.rows.add(ClaimEvent, id=self.ids.at(made), claim_id=claim, at=made, kind="made", words="Made by Stead")
        if sent > self.story.now:
            return
        self.lines.add("claim.sent", sent, BEN, "billing.claim", claim, person.id, number=number)
        self.rows.add(ClaimEvent, id=self.ids.at(sent), claim_id=claim, at=sent, kind="sent")
        heard = sent + timedelta(hours=9)
        if not silent and heard < self.story.now:
            self.rows.add(
                ClaimEvent, id=self.ids.at(heard), claim_id=claim, at=heard, kind="277CA", code="A2:20",
                words="accepted by the payer",
            )  # fmt: skip

    def _is_silent(self, visit: Visit, sent: datetime) -> bool:
        """Two claims to Tri-State left five weeks ago and nobody has said a word since."""
        age = (self.story.now - sent).days
        if self._silent_left and visit.person.insurer == TRISTATE and 33 <= age <= 41:
            self._silent_left -= 1
            return True
        return False

    def _denial_of(self, visit: Visit) -> tuple[str, str, str] | None:
        recent = self.story.now.date() - visit.day
        here = visit.person.insurer == COMMONWEALTH and visit.person.place == CLUSTER_PLACE
        if here and self._cluster_left and timedelta(days=22) <= recent <= timedelta(days=50):
            self._cluster_left -= 1
            return CLUSTER_CODES
        if visit.person.insurer != COMMONWEALTH and self.random.random() < 0.035:
            return self.random.choice(ODD_DENIALS)
        return None

    def _share(self, cents: int, payer: int, denial: tuple[str, str, str] | None) -> Share:
        if denial:
            return Share(open=cents)
        allowed = cents * ALLOWED_PERCENT // 100
        patient = 0 if payer == MEDICAID else COPAY_CENTS
        return Share(paid=allowed - patient, contractual=cents - allowed, patient=patient)

    def _remittance(self, payer: int, day: date, answers: list[Answered]) -> None:
        posted = max(a.answered_at for a in answers)
        remittance = self.ids.at(posted)
        shares = [self._share(a.charged, payer, a.denial) for a in answers]
        self.rows.add(
            Remittance, id=remittance, payer_id=self.made.payers[payer], trace=f"{INSURERS[payer].edi_id}{day:%y%m%d}",
            originator=f"1{INSURERS[payer].edi_id}", amount_cents=sum(s.paid for s in shares), paid_date=day,
            method="ACH", posted_at=posted,
        )  # fmt: skip
        for answer, share in zip(answers, shares, strict=True):
            self._answer(remittance, posted, answer, share)
        self.lines.add("remittance.posted", posted, "", "billing.remittance", remittance, claims=len(answers))

    def _answer(self, remittance: UUID, posted: datetime, answer: Answered, share: Share) -> None:
        denial, row = answer.denial, self.ids.at(posted)
        told = (
            [(denial[0], denial[1], answer.charged)]
            if denial
            else ([("CO", "45", share.contractual)] + ([("PR", "3", share.patient)] if share.patient else []))
        )
        remarks = (denial[2],) if denial and denial[2] else ()
        code = OFFERS[answer.visit.service].code
        line = Part(f"{answer.number}-1", code, answer.charged, share.paid, tuple(told), remarks)
        decision = Decision("4" if denial else "1", share.paid, Part("", "", answer.charged, 0, (), ()), (line,))
        self.rows.add(
            RemittanceClaim, id=row, remittance_id=remittance, claim_id=answer.claim, claim_number=answer.number,
            status=decision.status, charged_cents=answer.charged, paid_cents=share.paid,
            patient_cents=share.patient, payer_claim_number=f"P{answer.number[2:]}", adjustments=decision.as_json(),
        )  # fmt: skip
        verb = "denied" if denial else "paid"
        self.lines.add(
            f"claim.{verb}", posted, "", "billing.claim", answer.claim, answer.person.id, number=answer.number,
            **({"group": denial[0], "reason": denial[1], "remark": denial[2]} if denial else {"paid": share.paid}),
        )  # fmt: skip
        self.rows.add(
            ClaimEvent, id=self.ids.at(posted), claim_id=answer.claim, at=posted, kind="835",
            code=f"{denial[0]} {denial[1]}" if denial else "", words="not paid" if denial else "paid",
        )  # fmt: skip
        if denial:
            self._deny(answer, denial, posted)
        payer = self.made.payers[answer.payer]
        posting = rules.insurer_posting(
            f"835:{row}", share, posted.date(), payer_id=payer, patient_id=answer.person.id, claim_id=answer.claim,
            words=f"{INSURERS[answer.payer].name} answered {answer.number}", source=rules.CASH,
        )  # fmt: skip
        if posting:
            self._post(posting, posted)
        if share.patient:
            self.owed[answer.person.id].append((share.patient, posted))

    def _deny(self, answer: Answered, denial: tuple[str, str, str], posted: datetime) -> None:
        remarks = [denial[2]] if denial[2] else []
        settled = posted + timedelta(days=self.random.uniform(2, 9))
        old = settled < self.story.now and denial != CLUSTER_CODES
        self.rows.add(
            Denial, id=self.ids.at(posted), claim_id=answer.claim, claim_line_id=answer.line,
            patient_id=answer.person.id, group_code=denial[0], reason_code=denial[1], remark_codes=remarks,
            amount_cents=answer.charged, queue=queue_for(denial[0], denial[1], tuple(remarks)).value,
            deadline_date=posted.date() + timedelta(days=90), denied_at=posted,
            state="written_off" if old else "open",
        )  # fmt: skip
        if old:
            posting = rules.write_off_posting(
                f"write_off:{answer.claim}", rules.payer_account(self.made.payers[answer.payer]), answer.person.id,
                answer.charged, settled.date(), claim_id=answer.claim,
                words="Not paid by the plan, written off",
            )  # fmt: skip
            self._post(posting, settled)

    def _patients_pay(self) -> None:
        for person in self.story.people:
            for cents, since in self.owed.get(person.id, []):
                paid = since + timedelta(days=self.random.randrange(2, 24), hours=3)
                if paid > self.story.now or self.random.random() < 0.12:
                    continue
                payment = self.ids.at(paid)
                self.rows.add(
                    Payment, id=payment, patient_id=person.id, key=f"demo:{payment}", amount_cents=cents,
                    method="card", state="paid", processor_reference=f"sandbox_{payment.hex[-16:]}", started_at=paid,
                    ended_at=paid,
                )  # fmt: skip
                self.lines.add("payment.taken", paid, "", "billing.payment", payment, person.id, amount_cents=cents)
                self._post(
                    rules.patient_payment_posting(f"payment:{payment}", person.id, cents, paid.date(), "card"), paid
                )
            self._card(person)

    def _card(self, person: Person) -> None:
        at = person.created_at + person.ready_after * 0.5
        has_come = person.visits or person.stands_at in ("documents", "match", "booking")
        if has_come and at < self.story.now and person.insurer != MEDICAID:
            card = self.ids.at(at)
            self.rows.add(
                PaymentCard, id=card, patient_id=person.id, token=f"tok_ok_{card.hex[-16:]}", brand="Visa",
                last4=f"{self.random.randrange(10_000):04d}", expires_month=self.random.randrange(1, 13),
                expires_year=at.year + 2, vaulted_at=at,
            )  # fmt: skip

    def _post(self, posting: Posting, at: datetime) -> None:
        row = self.ids.at(at)
        self.rows.add(
            LedgerTransaction, id=row, key=posting.key, kind=posting.kind, at=at,
            effective_date=posting.effective_date, patient_id=posting.patient_id, claim_id=posting.claim_id,
            charge_id=posting.charge_id, words=posting.words, by_name="Stead",
        )  # fmt: skip
        for side in posting.sides:
            self.rows.add(
                LedgerEntry, id=self.ids.at(at), transaction_id=row, account_id=self._account(side.account, at),
                patient_id=side.patient_id, amount_cents=side.cents,
            )  # fmt: skip

    def _account(self, account: Account, at: datetime) -> UUID:
        if account not in self.accounts:
            self.accounts[account] = self.ids.at(at)
            self.rows.add(
                LedgerAccount, id=self.accounts[account], kind=account.kind, patient_id=account.patient_id,
                payer_id=account.payer_id,
            )  # fmt: skip
        return self.accounts[account]


def _next_evening(at: datetime) -> datetime:
    """Claims leave in one file each evening, at 23:00 UTC."""
    evening = datetime.combine(at.date(), time(23), UTC)
    return evening if at < evening else evening + timedelta(days=1)
