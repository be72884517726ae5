"""Rights of the operating room."""

from stead.platform.permissions import declare

declare("home.read", "open the page Today", "owner", "manager", "front_desk", "intake", "clinician", "biller")
declare("home.assign", "see as their own what no one holds, to give it away", "owner", "manager")
declare("numbers.read", "read the scorecard", "owner", "manager", "front_desk", "intake", "clinician", "biller")
declare("numbers.rows", "open the rows behind a number", "owner", "manager")
declare("numbers.set", "set targets and owners of measures", "owner", "manager")
declare(
    "rhythm.read", "read issues, to-dos and minutes", "owner", "manager", "front_desk", "intake", "clinician", "biller"
)
declare("issues.raise", "raise an issue", "owner", "manager", "front_desk", "intake", "clinician", "biller")
declare("rhythm.run", "open and hold meetings and settle issues", "owner", "manager")
declare("todos.make", "give somebody a to-do", "owner", "manager")
declare("todos.finish", "finish a to-do", "owner", "manager", "front_desk", "intake", "clinician", "biller")
declare("todos.finish_all", "finish anybody's to-do", "owner", "manager")
declare("absence.preview", "see what would stall without somebody", "owner", "manager")
declare(
    "numbers.export",
    "export the scorecard and its rows, what is stuck or would stall, issues, decisions and to-dos",
    "owner", "manager",
)  # fmt: skip
