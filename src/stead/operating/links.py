"""Addresses of other rooms' pages. This room links everywhere; a page that is not there leaves its words unlinked."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse


def address(name: str, *args: object, **query: object) -> str:
    """Return the page's address, with a query if given, or "" when no room has such a page."""
    try:
        found = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{found}?{urlencode(query)}" if query else found
