"""Tags that every template has without loading: the hidden fields of a form."""

from typing import Any
from uuid import uuid4

from django import template
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString

from stead.platform.idempotency.once import FIELD
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
