"""Take files in and give them out.

The bytes lie encrypted under `STATE/files/<practice>/<sha256 of the plain bytes>`; writing is to a temporary name, then
rename, so a kill leaves no half file, and the row is written only after the bytes are safe. The type must be one we
take, and the content must look like it. Sniffing alone lets polyglots through (security-reliability.md §3), so serving
is the real control: always as a download name, nosniff, and a sandbox policy.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

import puremagic
from django.conf import settings
from django.http import HttpResponse

from stead.platform import encryption
from stead.platform.actors import Actor
from stead.platform.files.models import StoredFile
from stead.platform.refusals import InvalidInput
from stead.platform.tenancy import context

MAX_BYTES = 15 * 1024 * 1024
KINDS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
_ADDRESS = re.compile(r"[0-9a-f]{64}")
_ANY = {"x12": "application/edi-x12"}
"""Purposes whose content is made or checked by us, and so not sniffed."""


@dataclass(frozen=True)
class Upload:
    """A file as somebody sent it, to be kept by the action that takes it in."""

    data: bytes
    name: str


class FileTooLarge(InvalidInput):
    words = "This file is larger than 15 MB. Send a photo or a smaller scan."


class FileEmpty(InvalidInput):
    words = "This file is empty. Choose it again, or take a new photo."


class FileKindRefused(InvalidInput):
    words = "We can take photos (JPG, PNG, WebP) and PDF files. This is something else."


def store(
    data: bytes,
    *,
    name: str,
    purpose: str,
    by: Actor,
    at: datetime,
    patient_id: UUID | None = None,
    trusted_type: str = "",
) -> StoredFile:
    """Keep the bytes and return their row. Refuses empty, oversized and foreign kinds; `trusted_type` is for files that
    Stead itself made (statements, claim files)."""
    kind = trusted_type or agreed_type(data, name)
    digest = hashlib.sha256(data).hexdigest()
    key_id = _keep(data, digest)
    return StoredFile.objects.create(
        sha256=digest,
        size=len(data),
        content_type=kind,
        name=Path(name).name[:200] or "file",
        purpose=purpose,
        patient_id=patient_id,
        stored_at=at,
        stored_by_name=by.name,
        key_id=key_id,
    )


def agreed_type(data: bytes, name: str) -> str:
    """Return the type on which name and content agree, or refuse."""
    if not data:
        raise FileEmpty()
    if len(data) > MAX_BYTES:
        raise FileTooLarge()
    try:
        seen = {match.mime_type for match in puremagic.magic_string(data[:4096], name)}
    except (puremagic.PureError, ValueError):
        raise FileKindRefused() from None
    ending = Path(name).suffix.lower()
    for kind, endings in KINDS.items():
        if kind in seen and ending in endings:
            return kind
    raise FileKindRefused()


def read(file: StoredFile) -> bytes:
    """Return the plain bytes. Raises ValueNotReadable if they were changed."""
    sealed = _path(file.sha256).read_bytes()
    name, _, body = sealed.partition(b"\n")
    data = encryption.open_bytes(name.decode(), body, _bound(file.sha256))
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise encryption.ValueNotReadable("A stored file does not match its hash.")
    return data


def response(file: StoredFile, *, inline: bool = False) -> HttpResponse:
    """Serve a file so that nothing in it can run."""
    answer = HttpResponse(read(file), content_type=file.content_type)
    safe = "".join(c if c.isalnum() or c in " .-_" else "_" for c in file.name)
    answer["Content-Disposition"] = f'{"inline" if inline else "attachment"}; filename="{safe}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _bound(digest: str) -> str:
    return encryption.bound(context.practice_id(), UUID(digest[:32]), "file")


def _path(digest: str) -> Path:
    return Path(settings.STATE) / "files" / str(context.practice_id()) / digest[:2] / digest


def _keep(data: bytes, digest: str) -> str:
    path = _path(digest)
    if path.exists():
        with path.open("rb") as kept:
            return kept.readline().strip().decode()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    name, sealed = encryption.seal_bytes(data, _bound(digest))
    write_whole(path, name.encode() + b"\n" + sealed)
    return name


def write_whole(path: Path, data: bytes) -> None:
    """Put the bytes under the name so that no kill or power cut leaves half of them, or a name alone."""
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        part.write(data)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def is_address(name: str) -> bool:
    """Say whether a file below STATE/files is a stored one: its name is the SHA-256 of what it holds."""
    return _ADDRESS.fullmatch(name) is not None
