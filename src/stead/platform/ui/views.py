"""The pages of /design: every part in every state, and three full pages to copy from. They need no database."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.http import require_GET, require_POST

from stead.platform.ui import sample_pages, samples
from stead.platform.ui.marks import MARKS
from stead.platform.ui.pages import render_part
from stead.platform.web.door import public

COLOURS = (
    *("paper", "sheet", "sunk", "ink", "ink-2", "ink-3", "edge", "hair", "pine", "brick", "ochre", "slate"),
    *("wash-pine", "wash-brick", "wash-ochre", "wash-slate"),
)


def look(request: HttpRequest) -> dict[str, str]:
    """Read ?theme= and ?density=; anything unknown means the default."""
    theme, density = request.GET.get("theme", ""), request.GET.get("density", "")
    return {
        "theme": theme if theme in ("light", "dark") else "",
        "density": density if density in ("dense", "large") else "comfortable",
    }


def _frame(request: HttpRequest, room: str, person: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"look": look(request), "nav": samples.nav(room), "person": person, "search_url": "/design/search", **more}


@public
@require_GET
def design(request: HttpRequest) -> HttpResponse:
    """Show every part in every state."""
    context = _frame(
        request,
        "today",
        samples.MONA,
        where="Design",
        hand=samples.HAND,
        tabs=[
            {"label": "Components", "url": "/design/", "current": True},
            {"label": "Home", "url": "/design/home", "current": False},
            {"label": "Booking", "url": "/design/booking", "current": False},
            {"label": "Portal", "url": "/design/portal", "current": False},
        ],
        marks=MARKS.values(),
        colours=COLOURS,
        bar=samples.FILTERS,
        claims=samples.CLAIMS,
        page=Paginator(range(61), 20).page(2),
        form=samples.policy_form(),
        refused=samples.REFUSAL,
        done=samples.RECEIPT,
        lines=samples.TIMELINE,
        stages=samples.STAGES,
        patient_stages=sample_pages.portal_words(False)["stages"],
        score=samples.scorecard_rows(),
        shares=samples.shares(),
        hours=samples.HOURS,
        columns=sample_pages.DAY,
        now_label={"place": "r32 n4", "words": "10:42"},
        bars=[2, 4, 5, 6, 4, 3],
        ages=[0.1, 0.4, 0.45, 0.8, 1.2, 2.4],
        groups=samples.found("mar"),
        q="mar",
    )
    return render_part(request, "ui/design.html", context)


@public
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the anatomy of a role's home (picture 1)."""
    context = _frame(
        request,
        "today",
        samples.MONA,
        where="All locations",
        tabs=samples.tabs("Overview", "My work", "Flow board", "Huddle", "Absences", current="Overview"),
        today=samples.TODAY,
        locations=sample_pages.LOCATIONS,
        totals=sample_pages.TOTALS,
        stuck=sample_pages.STUCK,
        cases=sample_pages.CASES,
        off=sample_pages.OFF,
    )
    return render_part(request, "ui/design_home.html", context)


@public
@require_GET
def booking(request: HttpRequest) -> HttpResponse:
    """Show a booking that the gate refused beside the week it was asked for (picture 2)."""
    context = _frame(
        request,
        "calendar",
        samples.ANA,
        where="Linden Street",
        hand=samples.HAND,
        tabs=samples.tabs("Day", "Week", "Rooms", "Waitlist", "Exceptions", current="Week"),
        refused=samples.REFUSAL,
        hours=samples.HOURS,
        columns=sample_pages.WEEK,
    )
    return render_part(request, "ui/design_booking.html", context)


@public
@require_GET
def portal(request: HttpRequest) -> HttpResponse:
    """Show a patient's home in English or Spanish (picture 8)."""
    spanish = request.GET.get("lang") == "es"
    said = sample_pages.portal_words(spanish)
    context = {
        "look": look(request),
        "practice_name": "Linden Street Counseling",
        "home_url": "/design/portal",
        "bar": sample_pages.portal_bar(spanish),
        "other_language": said["other_language"],
        "said": said,
    }
    with translation.override("es" if spanish else "en"):
        return render_part(request, "ui/design_portal.html", context)


@public
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Search the sample rows, as a page or as the palette's part."""
    query = request.GET.get("q", "").strip()[:80]
    context = _frame(request, "today", samples.MONA, q=query, groups=samples.found(query))
    part = "hits" if request.GET.get("part") == "palette" else None
    return render_part(request, "ui/search.html", context, part=part)


@public
@require_POST
def press(request: HttpRequest) -> HttpResponse:
    """Take a sample button's post: there is nothing to change, so it goes back to the page of parts."""
    return redirect("design")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the sample portal's language, kept in the address."""
    spanish = request.POST.get("language") == "es"
    return redirect("/design/portal?lang=es" if spanish else "/design/portal")
