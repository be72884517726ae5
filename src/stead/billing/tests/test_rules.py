"""Postings, shares, states and ages, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.billing import rules
from stead.billing.decisions import decision_of, read_back
from stead.billing.denial_words import next_step, reason_words
from stead.billing.models import CLAIM_STATES
from stead.billing.terms import Posting, Share, Side
from stead.billing.tests.cast import answer
from stead.platform.identifiers import new_id
from stead.platform.money import Money
from stead.x12.queues import Queue, needs_work

TODAY = date(2026, 11, 24)
cents = st.integers(-50_000, 50_000)


@pytest.mark.parametrize(
    ("trio", "share"),
    [
        (("CO", "45", 100), Share(contractual=100)),
        (("PR", "3", 100), Share(patient=100)),
        (("CO", "3", 100), Share(open=100)),
        (("PR", "45", 100), Share(open=100)),
        (("CO", "197", 100), Share(open=100)),
        (("PI", "B7", 100), Share(open=100)),
        (("CO", "Q99", 100), Share(open=100)),
    ],
)
def test_only_known_reasons_under_their_group_are_written_off_or_billed(
    trio: tuple[str, str, int], share: Share
) -> None:
    assert rules.share_of(0, [trio]) == share


def test_patient_share_of_a_forwarded_claim_waits_for_the_next_payer() -> None:
    assert rules.share_of(0, [("PR", "3", 100)], forwarded=True) == Share(open=100)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["CO", "PR", "OA", "PI"]), st.sampled_from(["1", "3", "45", "197", "16", "Q9"]), cents
        )
    )
)
def test_no_cent_of_an_answer_is_lost(trios: list[tuple[str, str, int]]) -> None:
    share = rules.share_of(700, trios)
    assert share.paid + share.contractual + share.patient + share.open == 700 + sum(t[2] for t in trios)


@given(cents, cents, cents)
def test_insurer_posting_sums_to_zero_and_its_reversal_undoes_it(paid: int, contractual: int, patient: int) -> None:
    def posting(sign: int) -> Posting | None:
        share = Share(sign * paid, sign * contractual, sign * patient)
        return rules.insurer_posting(
            "k", share, TODAY, payer_id=ids[0], patient_id=ids[1], claim_id=ids[2], words="", source=rules.CASH
        )

    ids = [new_id(), new_id(), new_id()]
    once, back = posting(1), posting(-1)
    if once is None or back is None:
        assert paid == contractual == patient == 0
        return
    assert sum(side.cents for side in once.sides) == 0
    assert {s.account: s.cents for s in back.sides} == {s.account: -s.cents for s in once.sides}


def test_unbalanced_posting_is_a_fault() -> None:
    sides = (Side(rules.CASH, 1), Side(rules.REVENUE, -2))
    with pytest.raises(rules.PostingUnbalanced):
        rules.balanced(Posting("k", "charge", TODAY, sides))


@pytest.mark.parametrize("now", [state for state, _ in CLAIM_STATES])
@pytest.mark.parametrize("then", [state for state, _ in CLAIM_STATES])
def test_every_step_of_a_claim_is_allowed_or_refused(now: str, then: str) -> None:
    if then in rules.TRANSITIONS[now]:
        rules.check_transition(now, then)
    else:
        with pytest.raises(rules.ClaimStateRefuses):
            rules.check_transition(now, then)


def test_closed_is_the_end() -> None:
    assert not rules.TRANSITIONS["closed"]
    assert "sent" not in rules.TRANSITIONS["held"]


@pytest.mark.parametrize(
    ("share", "reversal", "state"),
    [
        (Share(8000, 4000, 3000), False, "paid"),
        (Share(0, 0, 15000), False, "paid"),
        (Share(8000, 0, 0, 7000), False, "part_paid"),
        (Share(0, 4000, 0, 11000), False, "denied"),
        (Share(-8000, -4000, -3000), True, "accepted"),
    ],
)
def test_state_after_an_answer(share: Share, reversal: bool, state: str) -> None:
    assert rules.state_after(share, is_reversal=reversal) == state


@pytest.mark.parametrize(
    ("state", "frequency"), [("rejected", "1"), ("held", "1"), ("ready", "1"), ("denied", "7"), ("paid", "7")]
)
def test_rejected_is_new_and_judged_is_replaced(state: str, frequency: str) -> None:
    assert rules.frequency_to_resend(state) == frequency


@pytest.mark.parametrize("state", ["sent", "accepted", "closed"])
def test_claim_on_its_way_is_not_sent_again(state: str) -> None:
    with pytest.raises(rules.ClaimStateRefuses):
        rules.frequency_to_resend(state)


@pytest.mark.parametrize(
    ("modality", "place"), [("room", ("11", [])), ("video", ("10", ["95"])), ("phone", ("10", ["93"]))]
)
def test_place_of_service_follows_how_the_visit_was_held(modality: str, place: tuple[str, list[str]]) -> None:
    assert rules.place_of(modality) == place


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(-5000, 5000).filter(bool)), max_size=12))
def test_ages_add_up_to_the_balance(moves: list[tuple[int, int]]) -> None:
    dated = [(TODAY - timedelta(days=ago), amount) for ago, amount in sorted(moves, reverse=True)]
    assert sum(rules.aged(dated, TODAY).values()) == sum(amount for _, amount in dated)


def test_credit_pays_the_oldest_debt() -> None:
    moves = [(TODAY - timedelta(days=100), 100), (TODAY - timedelta(days=40), 50), (TODAY, -120)]
    assert rules.aged(moves, TODAY) == {"0-30": 0, "31-60": 30, "61-90": 0, "over 90": 0}


def test_write_off_names_what_is_wrong_and_who_may() -> None:
    with pytest.raises(rules.NothingToPost):
        rules.check_write_off(Money(0), 5000, Money(100), "")
    with pytest.raises(rules.WriteOffAboveBalance, match=r"\$1.00 is owed"):
        rules.check_write_off(Money(101), 5000, Money(100), "")
    with pytest.raises(rules.WriteOffAboveLimit, match=r"up to \$25.00; this is \$30.00. Ask Mona"):
        rules.check_write_off(Money(3000), 2500, Money(9000), "Ask Mona.")
    with pytest.raises(rules.WriteOffAboveLimit, match="write off nothing"):
        rules.check_write_off(Money(1), None, Money(9000), "")
    rules.check_write_off(Money(2500), 2500, Money(9000), "")


def test_decision_reads_back_as_it_was_stored() -> None:
    decision = decision_of(answer("CL-1", 0, [("CO", "16", 15000)], remarks=["N290", "MA01"]))
    again = read_back(decision.status, decision.paid, decision.as_json())
    assert again == decision
    (refused,) = again.refused()
    assert (refused.queue, refused.part.remarks) == (Queue.CREDENTIALING, ("N290",))


def test_every_reason_that_needs_a_person_has_words_and_every_queue_a_next_step() -> None:
    work = [q for q in Queue if needs_work(q)]
    assert [q for q in work if not next_step(q)] == []
    assert reason_words("ZZ9") == "Reason ZZ9: ask the payer what it means here"
    assert not reason_words("197").startswith("Reason")
