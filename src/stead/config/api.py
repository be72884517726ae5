"""The REST API under /api/v1/: every room's router, its OpenAPI document and a plain page of its operations."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import ValidationError

from stead.platform.web import tokens
from stead.platform.web.door import public

ROOT = "/api/v1/"

api = NinjaAPI(title="Stead", version="1", docs_url=None, openapi_url=None, urls_namespace="api")


def _routers() -> None:
    """Include the `router` of each room that has an api.py."""
    for config in apps.get_app_configs():
        name = f"{config.name}.api"
        if config.name.startswith("stead.") and find_spec(name) is not None:
            api.add_router("", import_module(name).router)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say which values need another look, without repeating what was sent."""
    wrong = [{"field": ".".join(map(str, e["loc"][1:])) or str(e["loc"]), "words": e["msg"]} for e in error.errors]
    words = f"{len(wrong)} of the values need another look. Nothing was changed."
    return JsonResponse({"code": "invalid_input", "words": words, "fields": wrong}, status=422)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Exception) -> HttpResponse:
    return JsonResponse({"code": "not_found", "words": "There is nothing at this address."}, status=404)


def schema() -> dict[str, Any]:
    """Return the OpenAPI document, with each operation's permission as `x-permission`."""
    said: dict[str, Any] = api.get_openapi_schema(path_prefix=ROOT)
    said["components"].setdefault("securitySchemes", {})["token"] = {"type": "http", "scheme": "bearer"}
    said["security"] = [{"token": []}]
    needed = _permissions()
    for methods in said["paths"].values():
        for method, operation in methods.items():
            operation["x-permission"] = needed[operation["operationId"]]
            if method != "get":
                operation.setdefault("parameters", []).append(_IDEMPOTENCY)
    return said


def _permissions() -> dict[str, str]:
    """Return operation id to permission."""
    found = {}
    for router in api._get_bound_routers():
        for path_view in router.path_operations.values():
            for operation in path_view.operations:
                name = operation.operation_id or api.get_openapi_operation_id(operation)
                access = getattr(operation.view_func, "stead_access", None)  # None stops the start-up check
                found[name] = access.permission if access else ""
    return found


_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "A new value for each new request; the same value again gets the same answer and no second effect.",
}


@public
@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(schema())


@public
@require_GET
def reference(request: HttpRequest) -> HttpResponse:
    """Show every operation on one plain page."""
    operations = [
        {"method": method.upper(), "address": address, **operation}
        for address, methods in schema()["paths"].items()
        for method, operation in methods.items()
    ]
    for operation in operations:
        operation["permission"] = operation["x-permission"]
    page = {"operations": operations, "practice_name": "Stead", "home_url": "/"}
    return render(request, "api/reference.html", page)


_routers()
urlpatterns: list[URLPattern] = [
    path("", reference, name="reference"),
    path("openapi.json", openapi, name="openapi"),
    *tokens.patterns(api),
]
app_name = "api"
