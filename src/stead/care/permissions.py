"""Who may do what with visits and notes. Whose note it is, the actions check themselves."""

from stead.platform.permissions import declare

declare("care.read", "see the day of a clinician and the notes due", "owner", "manager", "clinician")
declare("care.read_all", "see the day and the notes due of every clinician", "owner", "manager")
declare("care.read_notes", "read signed notes", "owner", "clinician")
declare("care.open", "open the record of a visit", "owner", "manager", "front_desk", "clinician", "system")
declare("care.write", "write notes of their own sessions", "clinician", "system")
declare("care.sign", "sign notes of their own sessions", "clinician", "system")
declare("care.import", "bring in visits of another system", "owner", "manager", "system")
declare("care.export", "export the list of notes due", "owner", "manager", "clinician")
