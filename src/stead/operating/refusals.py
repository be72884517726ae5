"""What the rhythm refuses, in words for the screen."""

from stead.platform.refusals import Conflict, InvalidInput


class WordsMissing(InvalidInput):
    words = "Say it in a few words; it cannot be empty."


class NothingDecided(InvalidInput):
    words = "An issue ends with a decision, a to-do, or both. Write what was decided or who does what."


class OwnerUnknown(InvalidInput):
    words = "A to-do has exactly one owner who works here on its day. Choose a person."


class AlreadySettled(Conflict):
    words = "This issue was settled already. Nothing was changed."


class AlreadyHeld(Conflict):
    words = "This meeting was held already. Its minutes stay as they are."


class MeetingExists(Conflict):
    words = "A meeting at this time is open already. Nothing was changed."


class TodoFinished(Conflict):
    words = "This was finished already. Nothing was changed."


class DaysReversed(InvalidInput):
    words = "The last day lies before the first. Turn them round."
