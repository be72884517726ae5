"""From a session to a membership: who is here, in which practice."""

from typing import Literal

from django.http import HttpRequest

from stead.platform.accounts.models import Membership

SESSION_KEY = "membership"


def signed_in(request: HttpRequest, kind: Literal["staff", "patient"]) -> Membership | None:
    """Return the living membership of the session, read afresh on each request: who has left is out at once."""
    chosen = request.session.get(SESSION_KEY)
    if chosen is None or not request.user.is_authenticated:
        return None
    return (
        Membership.objects.select_related("practice")
        .filter(id=chosen, account_id=request.user.pk, kind=kind, ended_at=None)
        .first()
    )
