"""The platform's own rows of the permission table."""

from stead.platform.actors import STAFF_ROLES
from stead.platform.permissions import declare, open_by_glass

declare("search.use", "find patients, pages and actions", *STAFF_ROLES)
declare("live.read", "see that something has changed", *STAFF_ROLES)
declare("jobs.manage", "see dead jobs and try them again", "owner", "manager")
declare("access_log.read", "see who has read a patient's record", "owner", "manager")
declare("tokens.manage", "make and revoke tokens of the API", "owner", "manager", "system")
declare("security.set", "say which roles need a second step", "owner")
declare("glass.break", "open records beyond their seat in an emergency", *STAFF_ROLES)
declare("glass.review", "review what was opened in an emergency", "owner", "manager")

# In an emergency the whole record opens, reading only: what was written, asked for, agreed, covered, sent and owed.
for _key in ("care.read_notes", "care.read", "intake.read", "agreements.read", "coverage.read", "messages.read",
             "cases.read", "billing.read_account"):  # fmt: skip
    open_by_glass(_key)
