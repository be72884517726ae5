"""Where messages stand in the bar."""

from stead.platform.web.navigation import Entry, declare, declare_tab

declare(Entry("messages", "Messages", "messaging_outbox", "messages.read", "day", "M"))
declare_tab("messages", Entry("outbox", "Outbox", "messaging_outbox", "messages.read"))
