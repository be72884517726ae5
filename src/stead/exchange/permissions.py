"""Who may do what with files to and from payers."""

from stead.platform.permissions import declare

declare("mailbox.read", "see files to and from payers", "owner", "manager", "biller")
declare("mailbox.send", "send files to payers", "owner", "manager", "biller", "system")
declare("mailbox.take", "read files from payers", "owner", "manager", "biller", "system")
declare("mailbox.settle", "deal with a refused file", "owner", "manager", "biller")
declare("mailbox.export", "export the list of files to and from payers", "owner", "manager", "biller")
