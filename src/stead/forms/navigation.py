"""The forms room's page stands in the intake room's second line, as its people use it there."""

from stead.platform.web.navigation import Entry, declare_tab

declare_tab("intake", Entry("forms", "Forms", "forms_agreements", "agreements.read"))
