"""Who may do what with messages."""

from stead.platform.permissions import declare

declare("messages.read", "see messages to patients", "owner", "manager", "front_desk", "intake", "biller", "clinician")
declare("messages.send", "send a message", "owner", "manager", "front_desk", "intake", "biller", "clinician", "system")
declare("messages.deliver", "hand messages over", "system")
declare("messages.receive", "take in a text from outside", "owner", "manager", "front_desk", "system")
declare("messages.export", "export the list of messages", "owner", "manager")
