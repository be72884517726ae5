"""Field encryption: bound to its row, rotated, looked up by a keyed hash."""

from __future__ import annotations

import base64
from datetime import datetime
from uuid import UUID

import pytest
from django.apps import apps

from stead.patients.models import Patient
from stead.platform import encryption, rotation
from stead.platform.actors import Actor
from stead.platform.identifiers import new_id
from stead.platform.tenancy.context import acting
from stead.platform.tenancy.models import TenantModel

PRACTICE, RECORD = new_id(), new_id()


@pytest.fixture(autouse=True)
def fresh_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    encryption.keys.cache_clear()


def use_keys(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    known = {name: base64.b64encode(name.encode().ljust(32, b"x")).decode() for name in ("k1", "k2")}
    monkeypatch.setenv("STEAD_FIELD_KEYS", ",".join(f"{name}:{known[name]}" for name in names))
    encryption.keys.cache_clear()


def seal(text: str) -> str:
    return encryption.seal(text, practice=PRACTICE, record=RECORD, field="ssn")


def unseal(value: str, record: UUID = RECORD, field: str = "ssn") -> str:
    return encryption.unseal(value, practice=PRACTICE, record=record, field=field)


def test_value_opens_only_in_its_own_place() -> None:
    value = seal("123-45-6789")
    assert "6789" not in value
    assert unseal(value) == "123-45-6789"
    for elsewhere in ({"record": new_id()}, {"field": "note"}):
        with pytest.raises(encryption.ValueNotReadable):
            unseal(value, **elsewhere)


def test_changed_value_does_not_open() -> None:
    name, _, body = seal("x").partition(":")
    raw = bytearray(base64.b64decode(body))
    raw[-1] ^= 1
    with pytest.raises(encryption.ValueNotReadable):
        unseal(f"{name}:{base64.b64encode(bytes(raw)).decode()}")


def test_rotation_keeps_old_values_readable_and_then_drops_the_old_key(monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys(monkeypatch, "k1")
    old = seal("secret")
    use_keys(monkeypatch, "k2", "k1")
    assert unseal(old) == "secret"
    fresh = encryption.reseal(old, practice=PRACTICE, record=RECORD, field="ssn")
    assert fresh.startswith("k2:")
    assert encryption.reseal(fresh, practice=PRACTICE, record=RECORD, field="ssn") == fresh
    use_keys(monkeypatch, "k2")
    assert unseal(fresh) == "secret"
    with pytest.raises(encryption.ValueNotReadable):
        unseal(old)


def test_same_text_never_looks_the_same() -> None:
    assert seal("same") != seal("same")
    assert encryption.blind_index("same") == encryption.blind_index("same") != encryption.blind_index("Same")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_rotation_rewrites_rows_and_leaves_none_under_the_old_key(
    linden: UUID, olu: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_keys(monkeypatch, "k1")
    column = rotation.SealedColumn("patients.Patient", "ssn_encrypted", "ssn")
    with acting(linden, olu):
        row = Patient.objects.create(number=1, first_name="Dee", last_name="Marsh", created_at=at)
        row.ssn_encrypted = encryption.seal("123456789", practice=linden, record=row.id, field="ssn")
        row.save()
    use_keys(monkeypatch, "k2", "k1")
    assert rotation.rotate_column(column) == 1
    assert rotation.rotate_column(column) == 0
    use_keys(monkeypatch, "k2")
    with acting(linden, olu):
        value = Patient.objects.get(id=row.id).ssn_encrypted
    assert encryption.unseal(value, practice=linden, record=row.id, field="ssn") == "123456789"


def test_every_encrypted_column_takes_part_in_rotation() -> None:
    declared = {(c.model.lower(), c.column) for c in rotation.columns()}
    there = {
        (m._meta.label_lower, f.name)
        for m in apps.get_models()
        if issubclass(m, TenantModel)
        for f in m._meta.get_fields()
        if f.name.endswith("_encrypted")
    }
    assert there == declared
