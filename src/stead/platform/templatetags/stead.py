"""Tags that every template has without loading: the hidden fields of a form."""

from typing import Any
from uuid import uuid4

from django import template
from django.middleware.csrf import get_token
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from stead.platform.actors import Actor
from stead.platform.idempotency.once import FIELD
from stead.platform.web import ways
from stead.platform.web.way_back import way_back as way_back_of

register = template.Library()


@register.simple_tag(takes_context=True)
def form_key(context: dict[str, Any]) -> SafeString:
    """Print the two hidden fields that every form carries: the CSRF token and a fresh idempotency key."""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="{}" value="{}">',
        get_token(context["request"]),
        FIELD,
        uuid4(),
    )


@register.simple_tag(takes_context=True)
def way_back(context: dict[str, Any]) -> SafeString:
    """Print the hidden field that leads a form back to the page it was opened from, if it was (web.way_back)."""
    back = way_back_of(context["request"])
    return format_html('<input type="hidden" name="next" value="{}">', back) if back else SafeString("")


@register.simple_tag(takes_context=True)
def may_go(context: dict[str, Any], url: str) -> bool:
    """Answer whether the reader of this page may open (or post to) an address."""
    by = _reader(context)
    return bool(url) and (by is None or ways.is_open(by, str(url)))


@register.simple_block_tag(takes_context=True)
def way(context: dict[str, Any], content: str, url: str, css: str = "", whose: bool = False) -> SafeString:
    """Print a link for whoever may follow it; for others its words alone, with `whose` also the seats that may."""
    if may_go(context, url):
        return format_html('<a{} href="{}">{}</a>', format_html(' class="{}"', css) if css else "", url, content)
    seats = ways.whose(str(url)) if whose and url else ""
    if seats:
        return format_html('<span class="quiet">{}: {}</span>', content, seats)
    return format_html("<span>{}</span>", content) if css else conditional_escape(content)


def _reader(context: dict[str, Any]) -> Actor | None:
    return getattr(context.get("request"), "by", None)
