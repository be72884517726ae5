"""The switch between the two languages that patients read."""

from django.urls import reverse
from django.utils import translation


def other_language() -> dict[str, str]:
    """Return the language that the page is not in, {code, label, url}, for `other_language` of ui/patient.html."""
    spanish = translation.get_language() == "es"
    other = {"code": "en", "label": "English"} if spanish else {"code": "es", "label": "Español"}
    return other | {"url": reverse("language")}
