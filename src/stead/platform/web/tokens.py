"""The door of the REST API: a bearer token in the place of a session, otherwise as in `web.door`.

    router = Router(tags=["patients"])

    @router.get("/patients/{uuid:patient_id}", response=PatientOut)
    @token("patients.read")
    def patient(request: PageRequest, patient_id: UUID) -> Patient: ...

The door stands around the whole operation, so that the answer too is made inside the practice, and nobody without a
token learns what a body should look like. A POST needs the header Idempotency-Key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.operation import PathView

from stead.platform import clock
from stead.platform.accounts.models import ApiToken
from stead.platform.accounts.tokens import find_token
from stead.platform.web.door import Access, _inside, actor_of


def token[F: Callable[..., Any]](permission: str) -> Callable[[F], F]:
    """Declare what an operation needs: the permission of its person, and the scope of its token."""

    def declare(operation: F) -> F:
        operation.stead_access = Access("token", permission)  # type: ignore[attr-defined]  # read by door and checks
        return operation

    return declare


def patterns(api: NinjaAPI) -> list[URLPattern]:
    """Return the addresses of the API's operations, each behind the door. ninja's own pages are left out: they load
    scripts from elsewhere."""
    found = []
    for router in api._get_bound_routers():
        views = [view for view in router.path_operations.values() for _ in view.operations]
        for pattern, view in zip(router.urls_paths(router.prefix), views, strict=True):
            found.append(URLPattern(pattern.pattern, _door(view, pattern.callback), name=pattern.name))
    return found


def operations_of(path_view: PathView) -> dict[str, Access | None]:
    """Return method to declared access; None where an operation declares none."""
    return {m: getattr(o.view_func, "stead_access", None) for o in path_view.operations for m in o.methods}


def _door(path_view: PathView, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    declared = operations_of(path_view)

    def run(request: HttpRequest, *args: Any, **given: Any) -> HttpResponseBase:
        access = declared.get(request.method or "")
        if access is None:  # another method: ninja answers 405; an undeclared one stops the start-up check
            return _not_allowed(declared)
        found = _token_of(request)
        if found is None:
            return _no_token()
        by = replace(actor_of(found.membership), scopes=frozenset(found.scopes))
        practice = found.membership.practice
        return _inside(request, practice, by, access.permission, "app", None, view, args, given)

    run.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie is read here, so none can be misused
    run.stead_operations = declared  # type: ignore[attr-defined]
    return run


def _token_of(request: HttpRequest) -> ApiToken | None:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    return find_token(text.strip(), clock.now()) if kind.lower() == "bearer" and text.strip() else None


def _no_token() -> HttpResponse:
    words = "Send a living token in the header Authorization: Bearer …; `stead token create` makes one."
    answer = JsonResponse({"code": "no_token", "words": words}, status=401)
    answer["WWW-Authenticate"] = 'Bearer realm="Stead"'
    return answer


def _not_allowed(declared: dict[str, Access | None]) -> HttpResponse:
    allowed = ", ".join(sorted(m for m, a in declared.items() if a is not None))
    answer = JsonResponse({"code": "method_not_allowed", "words": f"Only {allowed} here."}, status=405)
    answer["Allow"] = allowed
    return answer
