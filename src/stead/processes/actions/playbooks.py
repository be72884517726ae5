"""Write playbooks: draft, published, retired. Cases that run stay on the version they began with."""

from __future__ import annotations

from datetime import datetime
from importlib import resources
from uuid import UUID

import msgspec
from django.db.models import Max

from stead.platform.actions import action
from stead.platform.actors import Actor
from stead.platform.journal.write import write
from stead.platform.refusals import Conflict, NotFound
from stead.processes.document import (
    Document,
    check_clauses,
    dump,
    read,
)
from stead.processes.models import Gate, Playbook, PlaybookVersion

LIBRARY = ("new_patient_intake", "denial_management")


@action("save_playbook_draft", permission="playbooks.publish", words="write a playbook")
def save_playbook_draft(*, practice: UUID, by: Actor, at: datetime, source: str) -> PlaybookVersion:
    """Keep a document that has the right shape as the playbook's draft; its clauses are checked at publishing."""
    version = _draft(read(source), source)
    write("playbook.drafted", by=by, at=at, subject=version, playbook=version.playbook.key, number=version.number)
    return version


@action("publish_playbook", permission="playbooks.publish", words="publish a playbook")
def publish_playbook(*, practice: UUID, by: Actor, at: datetime, source: str) -> PlaybookVersion:
    """Check a document wholly and let new cases run by it; the version before it retires, its gates are replaced."""
    document = read(source)
    check_clauses(document, source)
    version = _draft(document, source)
    PlaybookVersion.objects.filter(playbook_id=version.playbook_id, state="published").update(state="retired")
    version.state, version.published_at, version.published_by_id = "published", at, by.id
    version.save(update_fields=["state", "published_at", "published_by_id"])
    _replace_gates(document, at)
    write("playbook.published", by=by, at=at, subject=version, playbook=document.playbook, number=version.number)
    return version


@action("retire_playbook", permission="playbooks.publish", words="retire a playbook")
def retire_playbook(*, practice: UUID, by: Actor, at: datetime, playbook_id: UUID) -> PlaybookVersion:
    """Open no new case by a playbook; its gates fall silent, running cases run on."""
    version = PlaybookVersion.objects.filter(playbook_id=playbook_id, state="published").first()
    if version is None:
        raise NotFound()
    version.state = "retired"
    version.save(update_fields=["state"])
    Gate.objects.filter(playbook_key=version.playbook.key, retired_at=None).update(retired_at=at)
    write("playbook.retired", by=by, at=at, subject=version, playbook=version.playbook.key)
    return version


@action("publish_library", permission="playbooks.publish", words="publish the playbooks Stead ships",
        may_change_nothing=True)  # fmt: skip
def publish_library(*, practice: UUID, by: Actor, at: datetime) -> list[PlaybookVersion]:
    """Publish each shipped playbook that the practice does not have yet; what it has changed stays its own."""
    missing = [key for key in LIBRARY if not Playbook.objects.filter(key=key).exists()]
    return [publish_playbook(practice=practice, by=by, at=at, source=library_source(key)) for key in missing]


def library_source(key: str) -> str:
    """Return the YAML of a shipped playbook."""
    return (resources.files("stead.processes") / "library" / f"{key}.yaml").read_text(encoding="utf-8")


def _draft(document: Document, source: str) -> PlaybookVersion:
    playbook, made = Playbook.objects.get_or_create(key=document.playbook, defaults={"name": document.name})
    if not made and playbook.name != document.name:
        playbook.name = document.name
        playbook.save(update_fields=["name"])
    # The lock serialises two publishers of one playbook, so that versions are numbered without a gap.
    Playbook.objects.select_for_update().get(id=playbook.id)
    draft = PlaybookVersion.objects.filter(playbook_id=playbook.id, state="draft").first()
    if draft is None:
        last = PlaybookVersion.objects.filter(playbook_id=playbook.id).aggregate(last=Max("number"))["last"] or 0
        draft = PlaybookVersion(playbook_id=playbook.id, number=last + 1, state="draft")
    draft.source, draft.document = source, dump(document)
    draft.save()
    return draft


def _replace_gates(document: Document, at: datetime) -> None:
    keys = [gate.key for gate in document.gates]
    Gate.objects.filter(playbook_key=document.playbook, retired_at=None).exclude(key__in=keys).update(retired_at=at)
    for gate in document.gates:
        row = Gate.objects.get_or_none(key=gate.key)
        if row is not None and row.playbook_key not in ("", document.playbook):
            raise Conflict(
                f"The gate {gate.key} belongs to the playbook {row.playbook_key}; give this one another key."
            )
        row = row or Gate(key=gate.key)
        row.name, row.action, row.mode, row.applies_when = gate.name, gate.action, gate.mode, gate.applies_when
        row.clauses = [msgspec.to_builtins(clause) for clause in gate.clauses]
        row.not_overridable, row.playbook_key, row.retired_at = list(gate.not_overridable), document.playbook, None
        row.save()
