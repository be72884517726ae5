"""What can stand between Stead and its database, in words for the person at the keyboard.

Each text says what was found, that nothing was lost where that is so, and the next step.
"""


class DatabaseTrouble(Exception):
    """Base of everything this room refuses or gives up on; the text is fit for the screen."""


class AccountUnusable(DatabaseTrouble):
    """The account that should run the server is missing or may not be used."""


class FolderUnreachable(DatabaseTrouble):
    """A folder cannot be entered or written by the account that needs it."""


class DiskFull(DatabaseTrouble):
    """The disk has no room for what the database must write."""


class MadeByAnotherVersion(DatabaseTrouble):
    """The data folder belongs to another major version of PostgreSQL."""


class RestoreUnfinished(DatabaseTrouble):
    """The data folder holds a restore that was broken off."""


class ServerDidNotStart(DatabaseTrouble):
    """PostgreSQL ended before it was ready, or was not ready in time."""


class ServerDidNotStop(DatabaseTrouble):
    """PostgreSQL is still running after it was asked to stop."""


class UrlNotUnderstood(DatabaseTrouble):
    """A DATABASE_URL cannot be read."""


class ToolMissing(DatabaseTrouble):
    """No suitable PostgreSQL program was found."""


class ToolFailed(DatabaseTrouble):
    """A PostgreSQL program ended with an error."""


class BackupExists(DatabaseTrouble):
    """The place for a backup is already taken."""


class BackupDamaged(DatabaseTrouble):
    """A backup is not what its manifest says."""


class DatabaseNotEmpty(DatabaseTrouble):
    """The place for a restore already holds data."""


class RolesMissing(DatabaseTrouble):
    """The server lacks roles that own or use what the backup holds."""


class PointNotReached(DatabaseTrouble):
    """The archive does not reach the moment that was asked for."""
