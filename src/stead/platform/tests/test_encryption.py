"""Field encryption: bound to its row, rotated, looked up by a keyed hash."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from stead.patients.models import Patient
from stead.platform import encryption, rotation
from stead.platform.accounts import totp
from stead.platform.accounts.factor_models import Totp
from stead.platform.accounts.models import Account
from stead.platform.actors import Actor
from stead.platform.files import store
from stead.platform.identifiers import new_id
from stead.platform.tenancy.context import acting

PRACTICE, RECORD = new_id(), new_id()


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    encryption.keys.cache_clear()
    yield
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


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_rotation_takes_what_the_derived_key_sealed_and_the_secrets_of_apps_along(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, linden: UUID, olu: Actor, at: datetime
) -> None:
    """A practice begins without field keys, sets them later, and changes its secret after that."""
    settings.STATE = tmp_path
    account = Account.objects.create(email="olu@example.test", password="!")
    secret = totp.begin(account)
    with acting(linden, olu):
        kept = store.store(
            b"%PDF-1.4 x", name="a.pdf", purpose="document", by=olu, at=at, trusted_type="application/pdf"
        )
    (next(tmp_path.glob("files/*/*")) / "tmpabc12").write_bytes(b"what a killed upload left")
    use_keys(monkeypatch, "k1")
    assert totp.secret_of(Totp.objects.get()) == secret
    done = {what: rewrite() for what, rewrite in rotation.everything()}
    assert (done["platform.Totp.secret_encrypted"], done["stored files"]) == (1, 1)
    assert sum(rewrite() for _, rewrite in rotation.everything()) == 0
    row = Totp.objects.get()
    settings.SECRET_KEY = "another secret, so that the derived key is another"
    encryption.keys.cache_clear()
    assert totp.secret_of(row) == secret
    with acting(linden, olu):
        assert store.read(kept) == b"%PDF-1.4 x"


def test_new_key_stands_before_those_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    old = seal("kept")
    monkeypatch.setenv("STEAD_FIELD_KEYS", encryption.setting_with_new_key())
    encryption.keys.cache_clear()
    assert list(encryption.keys()) == ["k1", "k0"]
    assert unseal(old) == "kept"
    assert seal("x").startswith("k1:")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("k1:" + base64.b64encode(b"x" * 16).decode(), "k1 has 16 bytes"),
        ("k1:not base64", "k1 is no base64"),
        (base64.b64encode(b"x" * 32).decode(), "part 1 does not begin with a key's name"),
    ],
)
def test_what_is_no_key_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch, text: str, words: str) -> None:
    monkeypatch.setenv("STEAD_FIELD_KEYS", text)
    with pytest.raises(ImproperlyConfigured, match=words) as refusal:
        encryption.keys()
    assert text.rpartition(":")[2] not in str(refusal.value)


def test_every_encrypted_column_takes_part_in_rotation() -> None:
    declared = {(c.model.lower(), c.column) for c in rotation.columns()}
    there = {
        (m._meta.label_lower, f.name)
        for m in apps.get_models()
        for f in m._meta.get_fields()
        if f.name.endswith("_encrypted")
    }
    assert there == declared
