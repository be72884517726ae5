"""Where the mailbox stands: a page of billing."""

from stead.platform.web.navigation import Entry, declare_tab

declare_tab("billing", Entry("mailbox", "Mailbox", "exchange_mailbox", "mailbox.read"))
