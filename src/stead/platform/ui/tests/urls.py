"""Addresses for this room's own tests: the design pages, and small pages that try live parts and double presses."""

import json
import threading
import time
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import engines
from django.urls import path

from stead.platform.ui.urls import DESIGN
from stead.platform.web.door import public

PRESSES: list[str] = []
READS: list[str] = []
STREAMS: list[str] = []
# The stream is silent until a test sets this.
SPEAK = threading.Event()
# Longer than any test waits: a stream that ends is opened again and every part reads itself anew.
STREAM_SECONDS = 15

LIVE_PAGE = """{% extends "ui/staff.html" %}{% block body %}<h1>Live</h1>
<div id="list" data-live="case."
 hx-get="/live/part" hx-target="this" hx-swap="innerMorph" hx-trigger="stale"><p id="row">old</p></div>
<div id="other" data-live="claim."
 hx-get="/live/other" hx-target="this" hx-swap="innerMorph" hx-trigger="stale"><p>same</p></div>
{% endblock %}"""
SLOW_PAGE = """{% extends "ui/staff.html" %}{% block body %}<h1>Slow</h1>
<form method="post" action="/slow">{% form_key %}<button class="button main">Send it</button></form>{% endblock %}"""


def page(request: HttpRequest, source: str, **context: object) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(source).render(context, request))


@public
def live(request: HttpRequest) -> HttpResponse:
    return page(request, LIVE_PAGE, live={"url": "/live/events", "last": "10:42:07"})


@public
def deaf(request: HttpRequest) -> HttpResponse:
    return page(request, LIVE_PAGE, live={"url": "/live/nothing", "last": "10:42:07"})


@public
def events(request: HttpRequest) -> StreamingHttpResponse:
    STREAMS.append(request.path)

    def said() -> Iterator[str]:
        yield ": open\n\n"
        SPEAK.wait(10)
        yield f"event: journal\ndata: {json.dumps({'verb': 'case.stage_entered', 'at': '10:43:00'})}\n\n"
        time.sleep(STREAM_SECONDS)

    return StreamingHttpResponse(said(), content_type="text/event-stream")


@public
def part(request: HttpRequest) -> HttpResponse:
    READS.append(request.headers.get("HX-Target", ""))
    return HttpResponse('<p id="row">new</p>')


@public
def slow(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        PRESSES.append("pressed")
        time.sleep(0.6)
        return HttpResponse("<!doctype html><title>Done</title><h1>Done</h1>")
    return page(request, SLOW_PAGE)


urlpatterns = [
    *DESIGN,
    path("live", live),
    path("deaf", deaf),
    path("live/events", events),
    path("live/part", part),
    path("live/other", part),
    path("slow", slow),
]
