"""One effect and one answer per idempotency key.

The key's row is inserted first, in the action's own transaction. A second request with the same key waits at that
insert until the first has committed and then repeats its answer; if the first was rolled back or refused, the second
goes through. Refusals (4xx) are not kept, so a corrected form may be sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID, uuid5

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from stead.platform import clock
from stead.platform.idempotency.models import IdempotencyKey
from stead.platform.refusals import InvalidInput, Refusal
from stead.platform.tenancy import context

FIELD = "_key"
HEADER = "Idempotency-Key"
MAX_BODY = 262_144
SAID_ONCE = "This was done. What the first answer showed is not kept, so it cannot be shown again."
"""Kept in the place of an answer that held a secret (`response.said_once`)."""
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


class KeyMissing(InvalidInput):
    status = 400
    words = (
        "This request carries no idempotency key, so sending it twice could do it twice. Nothing was changed. "
        "Open the form again and send it from there; an API client sends the header Idempotency-Key."
    )


class KeyReused(InvalidInput):
    words = "This key was used for another request. Nothing was changed. Use a new key for each new request."


def once(request: HttpRequest, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Run `answer` unless this key was answered before; then repeat that answer."""
    if request.method not in UNSAFE:
        return answer()
    key = request.headers.get(HEADER) or request.POST.get(FIELD)
    if not key:
        raise KeyMissing()
    row_id, fingerprint = uuid5(context.current().actor.id, key), _fingerprint(request)
    if not _claim(row_id, fingerprint):
        return _repeat(row_id, fingerprint)
    try:
        response = answer()
    except Refusal:
        IdempotencyKey.objects.filter(id=row_id).delete()  # the transaction goes on and shows the refusal
        raise
    _keep(row_id, response)
    return response


def _fingerprint(request: HttpRequest) -> str:
    """Hash method, address and content. Multipart bodies carry random boundaries, so fields and files are read."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}".encode())
    if request.content_type == "multipart/form-data" or request.POST:
        for name in sorted(k for k in request.POST if k not in (FIELD, "csrfmiddlewaretoken")):
            digest.update(repr((name, request.POST.getlist(name))).encode())
        for name in sorted(request.FILES):
            for upload in request.FILES.getlist(name):
                for chunk in upload.chunks():
                    digest.update(chunk)
                upload.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()


def _claim(row_id: UUID, fingerprint: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into idempotency_key (practice_id, id, request_hash, created_at, location, body, content_type)"
            " values (%s, %s, %s, %s, '', '', '') on conflict do nothing",
            [context.practice_id(), row_id, fingerprint, clock.now()],
        )
        return bool(cursor.rowcount)


def _repeat(row_id: UUID, fingerprint: str) -> HttpResponse:
    row = IdempotencyKey.objects.get(id=row_id)
    if row.request_hash != fingerprint:
        raise KeyReused()
    response: HttpResponse
    if row.location and 300 <= (row.status or 200) < 400:
        response = HttpResponseRedirect(row.location, status=row.status or 302)
    else:
        response = HttpResponse(row.body, status=row.status or 200, content_type=row.content_type or None)
        if row.location:
            response["Location"] = row.location
    response["Idempotent-Replay"] = "true"
    return response


def _keep(row_id: UUID, response: HttpResponseBase) -> None:
    row = IdempotencyKey.objects.filter(id=row_id)
    if response.status_code >= 400:
        row.delete()
        return
    body = response.content.decode() if isinstance(response, HttpResponse) and _is_text(response) else ""
    if getattr(response, "said_once", False):
        body = SAID_ONCE
    row.update(
        status=response.status_code,
        location=response.headers.get("Location", ""),
        body=body,
        content_type=response.headers.get("Content-Type", ""),
    )


def _is_text(response: HttpResponse) -> bool:
    kind = response.headers.get("Content-Type", "")
    return kind.startswith(("text/", "application/json")) and len(response.content) <= MAX_BODY
