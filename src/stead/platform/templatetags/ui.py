"""The parts of a page as template tags: `{% load ui %}`. Their markup is shown on /design and told in docs/ui.md."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.forms.widgets import ChoiceWidget
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from stead.platform.ui import charts, words
from stead.platform.ui.assets import PATIENT_SCRIPTS, PATIENT_STYLES, SCRIPTS, STYLES
from stead.platform.ui.marks import get_mark
from stead.platform.ui.pages import SHEET, in_sheet
from stead.platform.ui.parts import Line
from stead.platform.ui.rooms import RoomLink, room_links
from stead.platform.web.way_back import way_back

register = template.Library()
register.filter("money", words.money)
register.filter("day", words.day)
register.filter("weekday", words.weekday)
register.filter("long_day", words.long_day)
register.filter("clock", words.clock)
register.filter("moment", words.moment)
register.filter("time_length", words.length)
register.filter("listed", words.listed)
register.simple_tag(charts.day_bars, name="day_bars")
register.simple_tag(charts.spark, name="spark")
register.simple_tag(charts.tally, name="tally")


@register.simple_tag
def ui_styles(room: str = "staff") -> SafeString:
    """Link the style sheets of the page's kind."""
    names = STYLES if room == "staff" else PATIENT_STYLES
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(f"ui/css/{n}.css"),) for n in names))


@register.simple_tag
def ui_scripts(room: str = "staff") -> SafeString:
    """Link htmx and the small modules of the page's kind."""
    vendored = ("htmx.min", "hx-sse.min") if room == "staff" else ("htmx.min",)
    modules = SCRIPTS if room == "staff" else PATIENT_SCRIPTS
    return format_html(
        "{}\n{}",
        format_html_join("\n", '<script src="{}" defer></script>', ((static(f"ui/vendor/{v}.js"),) for v in vendored)),
        format_html_join(
            "\n", '<script type="module" src="{}"></script>', ((static(f"ui/js/{m}.js"),) for m in modules)
        ),
    )


def _shape(key: str, css: str) -> SafeString:
    href = f"{static('ui/marks.svg')}#{key}"
    return format_html('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"/></svg>', css, href)


@register.simple_tag
def mark(key: str, word: str = "", tone: str = "", loud: bool = False) -> SafeString:
    """Show a status: the mark with its word beside it. `loud` makes a brick word bold."""
    found = get_mark(key)
    css = f"status tone-{tone or found.tone}{' loud' if loud else ''}"
    return format_html('<span class="{}">{}<span>{}</span></span>', css, _shape(key, "m"), word or found.word)


@register.simple_tag
def mark_alone(key: str, word: str = "", tone: str = "") -> SafeString:
    """Show a mark whose word stands elsewhere in the row; the word is still said to those who cannot see the mark."""
    found = get_mark(key)
    shape = _shape(key, f"m tone-{tone or found.tone}")
    return format_html('{}<span class="unseen">{}</span>', shape, word or found.word)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Show an icon: search, down, camera, home, calendar, message, receipt, more or stead. Decoration only."""
    return _shape(f"i-{name}", f"icon {css}".strip())


@register.simple_tag
def rooms(nav: Iterable[dict[str, Any]] | None) -> list[RoomLink]:
    """Return the links of the bar with their letters and the stroke."""
    return room_links(nav)


@register.simple_block_tag
def entry(content: str, head: str, note: str = "", id: str = "", css: str = "") -> SafeString:
    """Wrap a section of the leaf: its name and note in the margin, the work in the body."""
    attributes = format_html(' id="{}"', id) if id else ""
    said = format_html("<p>{}</p>", note) if note else ""
    return format_html(
        '<section class="entry {}"{}><header class="margin"><h2>{}</h2>{}</header><div class="body">{}</div></section>',
        css,
        attributes,
        head,
        said,
        content,
    )


@register.simple_tag(takes_context=True)
def sort_head(context: dict[str, Any], label: str, key: str, css: str = "") -> SafeString:
    """Print a column head that sorts by `?sort=key`, again for the reverse, and says how it is sorted in words."""
    query = context["request"].GET.copy()
    now = query.get("sort", "")
    query["sort"] = f"-{key}" if now == key else key
    query.pop("page", None)
    order = {key: "ascending", f"-{key}": "descending"}.get(now)
    said = {"ascending": gettext("sorted, lowest first"), "descending": gettext("sorted, highest first")}
    return format_html(
        '<th scope="col" class="{}"{}><a href="?{}">{}{}</a></th>',
        css,
        format_html(' aria-sort="{}"', order) if order else "",
        query.urlencode(),
        label,
        format_html('<span class="unseen">, {}</span>', said[order]) if order else "",
    )


@register.inclusion_tag("ui/parts/field.html")
def field(bound: BoundField, width: str = "") -> dict[str, Any]:
    """Render a form field: label above, hint after the label, message above the control. Width: xs s m l."""
    grouped = bool(bound.use_fieldset)
    single = getattr(bound.field.widget, "input_type", "") == "checkbox" and not grouped
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    attrs: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described and not grouped else {}
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "grouped": grouped,
        "single": single,
        "described": " ".join(described),
        "width": width,
        # A list to choose from says by its first choice that nothing need be chosen.
        "optional": not bound.field.required and not single and not isinstance(bound.field.widget, ChoiceWidget),
    }


@register.inclusion_tag("ui/parts/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """Show what needs another look, first thing above the form, each with a link to its field. Empty without errors."""
    wrong = [(bound, bound.errors) for bound in form if bound.errors]
    general = form.non_field_errors()
    number = len(wrong) + len(general)
    return {
        "form": form,
        "wrong": wrong,
        "general": general,
        "number": number,
        # In English the number opens the sentence, in Spanish it stands inside.
        "said": words.number_word(number, start=words.language() == "en"),
    }


@register.inclusion_tag("ui/parts/filters.html", takes_context=True)
def filters(context: dict[str, Any], bar: object) -> dict[str, Any]:
    """Render a filter sentence (see ui.parts.FilterBar)."""
    return {"bar": bar, "request": context["request"]}


def _with_request(context: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"request": context["request"], **more}


@register.inclusion_tag("ui/parts/refusal.html", takes_context=True)
def refusal(context: dict[str, Any], refused: object) -> dict[str, Any]:
    """Render a gate's refusal (see ui.parts.GateRefusal); a dict with the same keys works too."""
    clauses = _value(refused, "clauses")
    stopping = sorted(
        (c for c in clauses if _value(c, "state") != "met"),
        key=lambda c: (_value(c, "state") == "unknown", _value(c, "no")),
    )
    met = [c for c in clauses if _value(c, "state") == "met"]
    return _with_request(context, r=refused, stopping=stopping, met=met)


def _value(holder: Any, name: str) -> Any:
    return holder[name] if isinstance(holder, dict) else getattr(holder, name)


@register.inclusion_tag("ui/parts/receipt.html", takes_context=True)
def receipt(context: dict[str, Any], done: object) -> dict[str, Any]:
    """Render a receipt line with undo (see ui.parts.Receipt)."""
    return _with_request(context, done=done)


@register.inclusion_tag("ui/parts/step.html", takes_context=True)
def step(context: dict[str, Any], fix: object, css: str = "") -> dict[str, Any]:
    """Render one step as a link (get) or a form with one button (post): {label, url, method, fields}."""
    return _with_request(context, fix=fix, css=css)


@register.inclusion_tag("ui/parts/sheet_head.html", takes_context=True)
def sheet_head(context: dict[str, Any], head: str) -> dict[str, Any]:
    """Name a form that was opened in the sheet beside the page, with the way back; nothing on a page of its own."""
    request = context["request"]
    return {"head": head if in_sheet(request) else "", "back": way_back(request), "into": f"#{SHEET}"}


@register.simple_tag(takes_context=True)
def stays(context: dict[str, Any], url: str = "") -> SafeString:
    """Let a form that was opened in the sheet post there; nothing on a page of its own. Goes into the form's tag."""
    request = context["request"]
    if not in_sheet(request):
        return SafeString("")
    return format_html(' hx-post="{}" hx-target="#{}"', url or request.get_full_path(), SHEET)


@register.inclusion_tag("ui/parts/timeline.html")
def timeline(rows: Iterable[Line], caption: str) -> dict[str, Any]:
    """Render journal lines, newest first (see ui.parts.Line); a column that no line fills is left out."""
    lines = list(rows)
    has = {"has_by": any(line.by for line in lines), "has_number": any(line.number for line in lines)}
    return {"rows": lines, "caption": caption, **has}


@register.inclusion_tag("ui/parts/rail.html")
def rail(stages: Iterable[object], label: str = "") -> dict[str, Any]:
    """Render the stage rail of the margin (see ui.parts.Stage)."""
    return {"stages": stages, "label": label}


@register.inclusion_tag("ui/parts/journey.html", takes_context=True)
def journey(context: dict[str, Any], stages: Iterable[object], label: str = "") -> dict[str, Any]:
    """Render the same rail as the patient's page."""
    return _with_request(context, stages=stages, label=label)


@register.inclusion_tag("ui/parts/appointment.html")
def appointment(block: object) -> dict[str, Any]:
    """Render one block of a day column (see ui.parts.Block)."""
    return {"a": block}


@register.inclusion_tag("ui/parts/empty.html", takes_context=True)
def empty(context: dict[str, Any], sentence: str, note: str = "", label: str = "", url: str = "") -> dict[str, Any]:
    """Say what is so when a list is empty, when it fills and where the work is."""
    return {"request": context.get("request"), "sentence": sentence, "note": note, "label": label, "url": url}


@register.inclusion_tag("ui/parts/loading.html")
def loading(rows: int = 3) -> dict[str, Any]:
    """Show ruled grey lines in the true height of the rows to come, after 300 ms."""
    return {"rows": range(rows)}


@register.inclusion_tag("ui/parts/pager.html", takes_context=True)
def pager(context: dict[str, Any], page: Any) -> dict[str, Any]:
    """Render earlier and later of a Django Page, keeping the filters of the address."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"page": page, "query": f"{query.urlencode()}&" if query else ""}


@register.simple_tag
def hit(label: str, query: str) -> SafeString:
    """Mark the part of a label that was typed."""
    place = label.lower().find(query.strip().lower()) if query.strip() else -1
    if place < 0:
        return format_html("{}", label)
    end = place + len(query.strip())
    return format_html("{}<mark>{}</mark>{}", label[:place], label[place:end], label[end:])
