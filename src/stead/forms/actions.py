"""Publish agreements, sign them, take a signature back.

A signature keeps the fingerprint of exactly the wording that was on the page. Signing the same version twice gives the
first signature back; a revocation is a row of its own, and the newest row counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from stead.forms import queries, rules, samples, terms
from stead.forms.models import AgreementVersion, Signature
from stead.patients.models import Patient
from stead.patients.queries import related_people
from stead.platform.accounts.models import Practice
from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.files.store import store
from stead.platform.journal.write import write
from stead.platform.refusals import InvalidInput, NotFound, Refusal
from stead.practice.queries import practice_day, practice_zone


@action("publish_agreement", permission="agreements.publish", words="publish an agreement")
def publish_agreement(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    kind: str,
    wordings: Sequence[terms.Wording],
    effective_date: date | None = None,
    signed_anew: bool = False,
) -> AgreementVersion:
    """Publish a new version in one or more languages under one number; the English row is returned.

    `signed_anew`: what was signed of earlier versions stops counting on the effective date, for every gate.
    """
    rules.check_kind(kind)
    rules.check_wordings(wordings)
    day = effective_date or practice_day(at)
    number = (AgreementVersion.objects.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0) + 1
    with _refused("agreement_version_once", rules.PublishedAtOnce):
        rows = {
            w.language: AgreementVersion.objects.create(
                kind=kind,
                number=number,
                language=w.language,
                title=w.title.strip(),
                text=w.text.strip(),
                effective_date=day,
                signed_anew=signed_anew,
            )
            for w in wordings
        }
    said: dict[str, Any] = {
        "kind": kind, "number": number, "languages": sorted(rows), "signed_anew": signed_anew,
    }  # fmt: skip
    write("agreement.published", by=by, at=at, subject=rows["en"], **said)
    return rows["en"]


@action("publish_sample_agreements", permission="agreements.publish", words="publish the sample agreements",
        may_change_nothing=True)  # fmt: skip
def publish_sample_agreements(
    *, practice: UUID, by: Actor, at: datetime, effective_date: date | None = None
) -> list[AgreementVersion]:
    """Publish the shipped samples of the kinds that have no wording yet."""
    name = Practice.objects.get(id=practice).name
    have = set(AgreementVersion.objects.values_list("kind", flat=True))
    return [
        publish_agreement(
            practice=practice,
            by=by,
            at=at,
            kind=kind,
            wordings=samples.sample_wordings(kind, name),
            effective_date=effective_date,
        )
        for kind in terms.KINDS
        if kind not in have
    ]


@action("sign_agreement", permission="agreements.sign", words="sign an agreement", may_change_nothing=True)
def sign_agreement(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    patient_id: UUID,
    kind: str,
    signed_name: str,
    relation: str = "self",
    language: str = "",
    agreement_id: UUID | None = None,
    given: terms.Given | None = None,
) -> Signature:
    """Sign the wording in force, or return the standing signature of that very wording.

    `agreement_id` is the wording that was on the page: one that was not in force on the day refuses with
    WordingChanged. `given` says how a signature was given that staff write down; a paper may be of an earlier day, and
    then must be the wording of that day. Refuses a name that is not the patient's, a minor who signs alone, and a
    guardian whom the record does not let consent.
    """
    rules.check_kind(kind)
    patient = _patient_of(by, patient_id)
    today = practice_day(at)
    if given is not None:
        _check_given(given, by, today)
    day = given.on if given else today
    signer = _signer(patient, signed_name, relation, day)
    agreement = _agreement_to_sign(kind, language or patient.language, agreement_id, day)
    turn = _next_turn(patient_id, kind)  # read before what stands: whoever signs in between has taken this turn
    standing = queries.standing_signatures(patient_id, today).get(kind)
    if standing is not None and standing.agreement_id == agreement.id:
        return standing
    if standing is not None and practice_day(standing.signed_at) > day:
        raise rules.SignedLaterAlready()
    moment = at if day == today else _noon(day)
    act = _Act(signed_name.strip(), relation, moment, signer.id, **_record_of(by, at, given))
    try:
        signature = _sign(patient_id, agreement, turn, _with_paper(act, given, patient_id, by, at), revokes=False)
    except rules.SignedAtOnce:
        standing = queries.standing_signatures(patient_id, today).get(kind)
        if standing is None or standing.agreement_id != agreement.id:
            raise
        return standing  # the same wording, signed twice at once: the first counts
    write(
        "agreement.signed",
        by=by,
        at=at,
        subject=signature,
        patient_id=patient_id,
        kind=kind,
        number=agreement.number,
        language=agreement.language,
        relation=relation,
        way=act.way,
    )
    return signature


@action("sign_agreements", permission="agreements.sign", words="sign several agreements with one act",
        may_change_nothing=True)  # fmt: skip
def sign_agreements(
    *,
    practice: UUID,
    by: Actor,
    at: datetime,
    patient_id: UUID,
    agreement_ids: Sequence[UUID],
    signed_name: str,
    relation: str = "self",
) -> list[Signature]:
    """Sign each of these wordings with one act, all or none. What is left is what signing them one by one leaves: a row
    and a line of the journal for each wording, with its own fingerprint. Refuses an empty list, and whatever
    `sign_agreement` refuses of any of them."""
    if not agreement_ids:
        raise rules.NothingToSign()
    wordings = [queries.get_agreement(agreement_id) for agreement_id in agreement_ids]
    return [
        sign_agreement(
            practice=practice,
            by=by,
            at=at,
            patient_id=patient_id,
            kind=wording.kind,
            signed_name=signed_name,
            relation=relation,
            language=wording.language,
            agreement_id=wording.id,
        )
        for wording in wordings
    ]


@action("revoke_agreement", permission="agreements.revoke", words="take a signature back")
def revoke_agreement(*, practice: UUID, by: Actor, at: datetime, patient_id: UUID, kind: str) -> Signature:
    """Take back the standing signature; what happened while it stood stays as it was."""
    rules.check_kind(kind)
    _patient_of(by, patient_id)
    turn = _next_turn(patient_id, kind)
    standing = queries.newest_signatures(patient_id).get(kind)
    if standing is None:
        raise rules.NothingToRevoke()
    act = _Act(standing.signed_name, standing.relation, at, standing.related_person_id, **_record_of(by, at, None))
    row = _sign(patient_id, standing.agreement, turn, act, revokes=True)
    write("agreement.revoked", by=by, at=at, subject=row, patient_id=patient_id, kind=kind)
    return row


@contextmanager
def _refused(constraint: str, refusal: type[Refusal]) -> Iterator[None]:
    """Turn the breach of one constraint into its refusal; any other rises. The transaction itself goes on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint not in str(error):
            raise
        raise refusal() from None


def _patient_of(by: Actor, patient_id: UUID) -> Patient:
    """Return the patient. A patient signs for nobody else, and does not learn that somebody else exists."""
    patient = Patient.objects.get_or_none(id=patient_id)
    if patient is None or (by.kind == "patient" and by.id != patient_id):
        raise NotFound()
    return patient


@dataclass(frozen=True)
class _Act:
    """The act of signing or taking back, as the row keeps it."""

    signed_name: str
    relation: str
    signed_at: datetime
    related_person_id: UUID | None = None
    way: str = "own"
    recorded_by_id: UUID | None = None
    recorded_by_name: str = ""
    recorded_at: datetime | None = None
    paper_file_id: UUID | None = None


def _record_of(by: Actor, at: datetime, given: terms.Given | None) -> dict[str, Any]:
    """Return who wrote it down and how it was given; what a patient signs alone was written down by nobody."""
    if given is None and by.kind != "staff":
        return {}
    return {
        "way": given.way if given else "screen",
        "recorded_by_id": by.id,
        "recorded_by_name": by.name,
        "recorded_at": at,
    }


def _check_given(given: terms.Given, by: Actor, today: date) -> None:
    if by.kind == "patient":
        raise rules.WayUnknown(field="way")
    rules.check_given(given, today)


def _with_paper(act: _Act, given: terms.Given | None, patient_id: UUID, by: Actor, at: datetime) -> _Act:
    """Store the scan, in the signature's own transaction: of a signature that is refused none stays."""
    if given is None or given.paper is None:
        return act
    try:
        kept = store(
            given.paper.data, name=given.paper.name, purpose="signed paper", by=by, at=at, patient_id=patient_id
        )
    except InvalidInput as refusal:
        refusal.field = "scan"
        raise
    return replace(act, paper_file_id=kept.id)


def _noon(day: date) -> datetime:
    """A paper says on which day it was signed and not when: it stands at noon of the practice's day."""
    return datetime.combine(day, time(12), practice_zone()).astimezone(UTC)


def _signer(patient: Patient, signed_name: str, relation: str, day: date) -> terms.Signer:
    """Return who signs; for somebody else than the patient it is a person of the record."""
    rules.check_relation(relation)
    if relation == "self":
        rules.check_patient_signs(
            signed_name,
            first_names=(patient.first_name, patient.preferred_name),
            last_name=patient.last_name,
            birth_date=patient.birth_date,
            day=day,
        )
        return terms.Signer(signed_name, may_consent=True)
    related = [terms.Signer(p.name, p.may_consent, p.id) for p in related_people(patient.id)]
    return rules.check_guardian_signs(signed_name, related, birth_date=patient.birth_date, day=day)


def _agreement_to_sign(kind: str, language: str, shown: UUID | None, day: date) -> AgreementVersion:
    current = queries.find_current_agreement(kind, language, on=day)
    if current is None:
        raise rules.AgreementNotPublished()
    if shown is None or shown == current.id:
        return current
    read = queries.get_agreement(shown)  # the page may have been read in the other language
    if read.kind != kind or read.number != current.number:
        raise rules.WordingChanged()
    return read


def _next_turn(patient_id: UUID, kind: str) -> int:
    rows = Signature.objects.filter(patient_id=patient_id, kind=kind)
    return (rows.aggregate(last=Max("turn"))["last"] or 0) + 1


def _sign(
    patient_id: UUID,
    agreement: AgreementVersion,
    turn: int,
    act: _Act,
    *,
    revokes: bool,
) -> Signature:
    """Take this turn of the patient's; somebody who took it in the same moment refuses with SignedAtOnce."""
    with _refused("signature_turn_once", rules.SignedAtOnce):
        return Signature.objects.create(
            patient_id=patient_id,
            agreement_id=agreement.id,
            kind=agreement.kind,
            turn=turn,
            revokes=revokes,
            text_sha256=rules.fingerprint(agreement.title, agreement.text),
            **asdict(act),
        )
