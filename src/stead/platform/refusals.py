"""Refusals: the expected "no".

A refusal is raised beside its rule, named for the fact, and its text is fit for the screen: what is so, whose it is,
what to do. It never holds patient data, so it may be logged. A fault (anything else) rises and ends the request.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fix:
    """One step that mends a refusal: a label on a button and the page (or post) it opens. `beside` says that the page
    has its form as a part of its own, so that it also opens in the sheet beside another page."""

    label: str
    url: str
    method: str = "get"
    beside: bool = False


class Refusal(Exception):
    """Base of all refusals. `status` is the HTTP answer, `code` a stable word for machines (from the class name)."""

    status = 422
    words = "This cannot be done."
    for_patients = ""
    """What a patient reads in place of `words`, where those are for staff: English, translated where it is shown."""

    def __init__(self, words: str | None = None, *, field: str | None = None, fix: Fix | None = None) -> None:
        self.words = words or self.words
        self.field = field
        self.fix = fix
        super().__init__(self.words)

    def told(self, language: str) -> list[str]:
        """Return what a patient is told, sentence by sentence: translated already, or English that is a message id.

        Nothing says that there are no words for patients; whoever shows it then says something kind of its own.
        """
        return [self.for_patients or self.words]

    def details(self) -> dict[str, object]:
        """Return what the answer to a machine says beside code and words."""
        return {}

    @property
    def code(self) -> str:
        name = type(self).__name__
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class NotFound(Refusal):
    """The row is not there, or belongs to another practice or patient: both look the same from outside."""

    status = 404
    words = "There is nothing at this address."


class NotPermitted(Refusal):
    status = 403
    words = "Your seat does not hold this permission."


class InvalidInput(Refusal):
    status = 422
    words = "One answer needs another look."


class Conflict(Refusal):
    """Somebody else was faster, or the row has changed since the page was opened."""

    status = 409
    words = "This has changed since you opened it. Nothing was saved; open it again to see what is new."
