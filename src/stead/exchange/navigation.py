"""Where the mailbox stands: a page of billing."""

from stead.platform.web import palette
from stead.platform.web.navigation import Entry, declare_tab
from stead.platform.web.palette import Deed

declare_tab("billing", Entry("mailbox", "Mailbox", "exchange_mailbox", "mailbox.read"))

palette.declare(Deed("Fetch from the mailbox", "exchange_mailbox", "mailbox.take", also="files remittance 835 999"))
