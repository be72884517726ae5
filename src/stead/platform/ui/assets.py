"""The files of the design system in the order the page loads them."""

from typing import Final

# tokens.css declares the order of the cascade layers and must stay first.
STYLES: Final = (
    "tokens",
    "fonts",
    "base",
    "layout",
    "patient",
    "mark",
    "button",
    "table",
    "form",
    "filter",
    "refusal",
    "state",
    "timeline",
    "rail",
    "drill",
    "chart",
    "calendar",
    "calendar-grid",
    "palette",
    "pager",
    "print",
)
# live.js imports wetink.js itself.
SCRIPTS: Final = ("once", "logoff", "pop", "focus", "live", "keys", "palette", "beside")

# A phone loads only what a patient's page can hold.
STAFF_ONLY: Final = frozenset({"filter", "timeline", "drill", "chart", "calendar", "calendar-grid", "palette"})
PATIENT_STYLES: Final = tuple(name for name in STYLES if name not in STAFF_ONLY)
PATIENT_SCRIPTS: Final = ("once", "logoff", "pop", "focus")
