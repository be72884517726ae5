"""Whose network address a request came from, behind the proxies that the deployment trusts and no others.

X-Forwarded-For is written by whoever likes to. It is read from its end, one hop for each trusted proxy: the first
address that is no trusted proxy is the one that the last trusted proxy has seen itself. With STEAD_TRUSTED_PROXIES
empty the header is not read at all.

    STEAD_TRUSTED_PROXIES=10.0.0.0/8    X-Forwarded-For: 6.6.6.6, 203.0.113.9    from 10.0.0.2  ->  203.0.113.9

X-Forwarded-Proto says whether the browser came by TLS; it is read from a trusted proxy only. Links that leave by mail
do not ask it: where cookies need TLS, everybody who is served comes by it (`site_address`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Network = IPv4Network | IPv6Network
_HOUSE = 64
"""Bits of an IPv6 address that belong to one household; the rest a single machine may change at will."""


@cache
def networks(text: str) -> tuple[Network, ...]:
    """Read "10.0.0.0/8, 192.0.2.7". Raises ValueError for what is no network."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def only_from_trusted_proxies(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware, the first: forget X-Forwarded-Proto where no trusted proxy wrote it; Django believes what is left."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not _is_trusted(str(request.META.get("REMOTE_ADDR", ""))):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return get_response(request)

    return answer


def site_address(request: HttpRequest) -> str:
    """Return the address of this site as its visitors type it, without a slash at the end: "https://stead.example"."""
    scheme = "https" if settings.SESSION_COOKIE_SECURE else request.scheme
    return f"{scheme}://{request.get_host()}"


def _is_trusted(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks(settings.STEAD_TRUSTED_PROXIES))


def client_address(request: HttpRequest) -> str:
    """Return the address to count by: of IPv6 the network of the household."""
    seen = str(request.META.get("REMOTE_ADDR", ""))
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    trusted = networks(settings.STEAD_TRUSTED_PROXIES)
    return _counted(first_untrusted([*(h.strip() for h in hops if h.strip()), seen], trusted))


def first_untrusted(hops: Iterable[str], trusted: Iterable[Network]) -> str:
    """Return the last hop that no trusted proxy made; where a hop is no address, the proxy that passed it on."""
    known, last = tuple(trusted), ""
    for hop in reversed(list(hops)):
        try:
            address = ip_address(hop)
        except ValueError:
            return last or hop
        last = hop
        if not any(address in network for network in known):
            break
    return last


def _counted(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return text
    return text if address.version == 4 else str(ip_network(f"{address}/{_HOUSE}", strict=False))
