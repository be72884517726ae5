"""Publishing, signing and revoking."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from stead.forms import actions, queries, rules, terms
from stead.forms.models import AgreementVersion, Signature
from stead.patients import actions as people
from stead.patients.models import Patient
from stead.patients.terms import RelatedDetails
from stead.platform import clock
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.journal.models import JournalEntry
from stead.platform.refusals import NotFound, NotPermitted, Refusal
from stead.platform.tenancy.context import acting
from stead.practice.queries import practice_day
from stead.testing.clients import outside

pytestmark = pytest.mark.django_db
KIND = terms.FINANCIAL_AGREEMENT


def sign(practice: UUID, by: Actor, at: datetime, patient: Any, **more: Any) -> Signature:
    given = {"kind": KIND, "signed_name": "Dee Marsh", "patient_id": patient.id} | more
    return actions.sign_agreement(practice=practice, by=by, at=at, **given)


def publish(practice: UUID, by: Actor, at: datetime, **more: Any) -> AgreementVersion:
    wordings = [terms.Wording("en", "New title", "New text")]
    return actions.publish_agreement(practice=practice, by=by, at=at, **({"kind": KIND, "wordings": wordings} | more))


def test_signature_keeps_the_fingerprint_and_the_journal_has_no_name(
    inside: UUID, published: None, dee: Any, dee_actor: Actor, at: datetime
) -> None:
    row = sign(inside, dee_actor, at, dee)
    agreement = queries.get_agreement(row.agreement_id)
    assert row.text_sha256 == rules.fingerprint(agreement.title, agreement.text)
    line = JournalEntry.objects.get(verb="agreement.signed")
    assert (line.patient_id, line.data) == (
        dee.id, {"kind": KIND, "number": 1, "language": "en", "relation": "self", "way": "own"},
    )  # fmt: skip
    assert queries.is_signed(dee.id, KIND, practice_day(clock.now()))


def test_signing_twice_gives_the_first_signature(
    inside: UUID, published: None, dee: Any, dee_actor: Actor, at: datetime
) -> None:
    first = sign(inside, dee_actor, at, dee)
    assert sign(inside, dee_actor, at + timedelta(minutes=1), dee).id == first.id
    assert Signature.objects.count() == 1


def test_revocation_counts_and_a_later_signature_stands_again(
    inside: UUID, published: None, dee: Any, dee_actor: Actor, at: datetime
) -> None:
    sign(inside, dee_actor, at, dee)
    later = {"practice": inside, "by": dee_actor, "patient_id": dee.id, "kind": KIND}
    actions.revoke_agreement(at=at + timedelta(hours=1), **later)
    assert not queries.is_signed(dee.id, KIND, practice_day(clock.now()))
    with pytest.raises(rules.NothingToRevoke):
        actions.revoke_agreement(at=at + timedelta(hours=1), **later)
    sign(inside, dee_actor, at + timedelta(hours=2), dee)
    assert queries.is_signed(dee.id, KIND, practice_day(clock.now()))
    assert Signature.objects.count() == 3


def test_spanish_speaker_signs_the_spanish_wording_and_falls_back_to_english(
    inside: UUID, published: None, dee: Any, dee_actor: Actor, olu: Actor, at: datetime
) -> None:
    assert sign(inside, dee_actor, at, dee, language="es-mx").agreement.language == "es"
    publish(inside, olu, at)
    found = queries.find_current_agreement(KIND, "es")
    assert found is not None
    assert (found.language, found.number) == ("en", 2)


def test_version_of_tomorrow_is_not_signed_today(
    inside: UUID, published: None, dee: Any, dee_actor: Actor, olu: Actor, at: datetime
) -> None:
    publish(inside, olu, at, effective_date=at.date() + timedelta(days=1))
    assert sign(inside, dee_actor, at, dee).agreement.number == 1


def test_wording_that_is_no_longer_in_force_is_not_signed(
    inside: UUID, published: None, dee: Any, dee_actor: Actor, olu: Actor, at: datetime
) -> None:
    old = queries.find_current_agreement(KIND, "en")
    assert old is not None
    publish(inside, olu, at)
    with pytest.raises(rules.WordingChanged):
        sign(inside, dee_actor, at, dee, agreement_id=old.id)
    assert not Signature.objects.exists()


def test_what_was_never_published_cannot_be_signed(inside: UUID, dee: Any, dee_actor: Actor, at: datetime) -> None:
    with pytest.raises(rules.AgreementNotPublished):
        sign(inside, dee_actor, at, dee)
    with pytest.raises(rules.AgreementUnknown):
        sign(inside, dee_actor, at, dee, kind="lease")


def test_guardian_signs_for_a_minor(inside: UUID, published: None, ana: Actor, at: datetime) -> None:
    child = Patient.objects.create(
        number=2, first_name="Kit", last_name="Marsh", birth_date=date(2014, 1, 2), created_at=at
    )
    with pytest.raises(rules.MinorCannotSign):
        sign(inside, ana, at, child, signed_name="Kit Marsh")
    with pytest.raises(rules.SignerMayNotConsent):
        sign(inside, ana, at, child, signed_name="Dee Marsh", relation="guardian")
    door: dict[str, Any] = {"practice": inside, "by": ana, "at": at, "patient_id": child.id}
    mother = people.add_related_person(
        **door, details=RelatedDetails("Dee Marsh", "parent", may_consent=True, proof="birth_certificate")
    )
    row = sign(inside, ana, at, child, signed_name="Dee Marsh", relation="guardian")
    assert (row.relation, row.related_person_id) == ("guardian", mother.id)
    people.end_related_person(**door, related_id=mother.id)
    with pytest.raises(rules.SignerMayNotConsent):
        sign(inside, ana, at, child, signed_name="Dee Marsh", relation="guardian", kind=terms.PRIVACY_NOTICE)
    assert queries.is_signed(child.id, KIND, practice_day(at))


def test_guardians_signature_ends_with_the_eighteenth_birthday(
    inside: UUID, published: None, ana: Actor, at: datetime
) -> None:
    born, birthday = date(2009, 1, 2), date(2027, 1, 2)
    child = Patient.objects.create(number=2, first_name="Kit", last_name="Marsh", birth_date=born, created_at=at)
    people.add_related_person(
        practice=inside, by=ana, at=at, patient_id=child.id,
        details=RelatedDetails("Dee Marsh", "parent", may_consent=True, proof="custody_order"),
    )  # fmt: skip
    sign(inside, ana, at, child, signed_name="Dee Marsh", relation="guardian")
    assert queries.is_signed(child.id, KIND, birthday - timedelta(days=1))
    assert not queries.is_signed(child.id, KIND, birthday)
    grown = at + timedelta(days=60)
    with pytest.raises(rules.PatientSignsAlone):
        sign(inside, ana, grown, child, signed_name="Dee Marsh", relation="guardian")
    sign(inside, ana, grown, child, signed_name="Kit Marsh")
    assert queries.is_signed(child.id, KIND, birthday)


@pytest.mark.parametrize("anew", [False, True])
def test_new_version_takes_the_old_signature_only_if_it_is_signed_anew(
    inside: UUID, published: None, dee: Any, dee_actor: Actor, olu: Actor, at: datetime, *, anew: bool
) -> None:
    sign(inside, dee_actor, at, dee)
    begins = practice_day(at) + timedelta(days=3)
    publish(inside, olu, at, effective_date=begins, signed_anew=anew)
    assert queries.is_signed(dee.id, KIND, begins - timedelta(days=1))
    assert queries.is_signed(dee.id, KIND, begins) is not anew
    sign(inside, dee_actor, at + timedelta(days=3), dee)
    assert queries.is_signed(dee.id, KIND, begins)


def test_paper_of_an_earlier_day_is_of_that_days_wording(
    inside: UUID, published: None, dee: Any, ana: Actor, olu: Actor, at: datetime
) -> None:
    today = practice_day(at)
    publish(inside, olu, at, effective_date=today - timedelta(days=10))
    old, new = (AgreementVersion.objects.get(kind=KIND, number=n, language="en").id for n in (1, 2))
    given = terms.Given("paper", today - timedelta(days=2))
    with pytest.raises(rules.WordingChanged):
        sign(inside, ana, at, dee, agreement_id=old, given=given)
    row = sign(inside, ana, at, dee, agreement_id=new, given=given)
    assert practice_day(row.signed_at) == given.on
    assert (row.way, row.recorded_by_id, row.recorded_by_name, row.recorded_at) == ("paper", ana.id, ana.name, at)


def test_older_paper_does_not_replace_a_later_signature(
    inside: UUID, published: None, dee: Any, dee_actor: Actor, ana: Actor, at: datetime
) -> None:
    spanish = AgreementVersion.objects.get(kind=KIND, number=1, language="es").id
    sign(inside, dee_actor, at, dee)
    given = terms.Given("paper", practice_day(at) - timedelta(days=2))
    with pytest.raises((rules.SignedLaterAlready, rules.AgreementNotPublished)):
        sign(inside, ana, at, dee, agreement_id=spanish, given=given)
    assert Signature.objects.count() == 1


@pytest.mark.parametrize(
    ("way", "days", "refusal"),
    [
        ("own", 0, rules.WayUnknown),
        ("screen", -1, rules.SignedDayImpossible),
        ("paper", 1, rules.SignedDayImpossible),
    ],
)
def test_way_and_day_that_cannot_be_are_refused(
    inside: UUID, published: None, dee: Any, ana: Actor, at: datetime, way: str, days: int, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        sign(inside, ana, at, dee, given=terms.Given(way, practice_day(at) + timedelta(days=days)))
    assert not Signature.objects.exists()


def test_patient_signs_for_nobody_else(inside: UUID, published: None, dee: Any, dee_actor: Actor, at: datetime) -> None:
    other = Patient.objects.create(
        number=2, first_name="Dee", last_name="Marsh", birth_date=date(1980, 1, 1), created_at=at
    )
    with pytest.raises(NotFound):
        sign(inside, dee_actor, at, other)


def test_another_practice_has_no_such_patient(
    inside: UUID, elsewhere: UUID, dee: Any, eve: Actor, at: datetime
) -> None:
    with outside(), acting(elsewhere, eve), pytest.raises(NotFound):
        sign(elsewhere, eve, at, dee)


def test_seats_without_the_permission_are_refused(inside: UUID, published: None, dee: Any, ben: Actor,
                                                  at: datetime) -> None:  # fmt: skip
    with pytest.raises(NotPermitted):
        sign(inside, ben, at, dee)
    with pytest.raises(NotPermitted):
        publish(inside, ben, at)


def test_samples_are_published_once(inside: UUID, published: None, olu: Actor, at: datetime) -> None:
    assert AgreementVersion.objects.count() == 2 * len(terms.KINDS)
    assert actions.publish_sample_agreements(practice=inside, by=olu, at=at) == []


def test_signatures_and_wordings_cannot_be_changed(
    inside: UUID, published: None, dee: Any, dee_actor: Actor, at: datetime
) -> None:
    sign(inside, dee_actor, at, dee)
    for rows in (Signature.objects.all(), AgreementVersion.objects.all()):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            rows.update(kind="x")


def test_version_number_is_given_once(inside: UUID, published: None, at: datetime) -> None:
    with pytest.raises(IntegrityError, match="agreement_version_once"), transaction.atomic():
        AgreementVersion.objects.create(
            kind=KIND, number=1, language="en", title="t", text="x", effective_date=at.date()
        )


def test_signature_of_another_patient_is_not_readable_in_the_portal(
    inside: UUID, published: None, dee: Any, dee_actor: Actor, at: datetime
) -> None:
    from django.db import connection

    sign(inside, dee_actor, at, dee)
    for patient, seen in ((dee.id, 1), (new_id(), 0)):
        with outside(), acting(inside, dee_actor, kind="portal", patient_id=patient), connection.cursor() as cursor:
            cursor.execute("select count(*) from signature")
            assert cursor.fetchone() == (seen,)


def test_facts_say_what_stands(inside: UUID, published: None, dee: Any, dee_actor: Actor, at: datetime) -> None:
    from stead.forms.facts import NAMES, _signed

    assert not any(_signed(dee).values())
    sign(inside, dee_actor, at, dee)
    assert [name for name, value in _signed(dee).items() if value] == ["patient.financial_agreement_signed"]
    assert set(NAMES) == set(_signed(dee))
