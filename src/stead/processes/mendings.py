"""What a case can mend: the case itself, and one of the things it gathers."""

from __future__ import annotations

from django.urls import reverse

from stead.platform.policy.mendings import ITEM, Mending, mendings
from stead.platform.refusals import Fix
from stead.processes.models import Case, CaseItem
from stead.processes.terms import SETTLED


def _case(case: Case, _: str) -> Fix | None:
    return Fix("Open the case", reverse("processes_case", args=[case.id])) if case.state == "open" else None


def _item(case: Case, key: str) -> Fix | None:
    """Open the case at the item: what has arrived is looked at, a document that has not is uploaded."""
    item = CaseItem.objects.get_or_none(case_id=case.id, key=key)
    if item is None or item.state in SETTLED or case.state != "open":
        return None
    missing = "Upload it" if item.kind == "document" else "Do it in the case"
    label = "Look at it" if item.state == "received" else missing
    return Fix(label, f"{reverse('processes_case', args=[case.id])}#item-{key}")


mendings.declare(
    Mending("case", "Open the patient's open case", "cases.read", "case", _case),
    Mending("document", "Upload, look at or settle an item of the open case", "cases.work", "case", _item, takes=ITEM),
)
