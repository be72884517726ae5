"""Where coverage stands: a page of billing, a section of the record, a word on the slip."""

from stead.coverage import shown
from stead.patients import sections, slip
from stead.platform.web.navigation import Entry, declare_tab

declare_tab("billing", Entry("eligibility", "Eligibility", "coverage_eligibility", "coverage.read"))
declare_tab("billing", Entry("payers", "Payers", "coverage_payers", "coverage.payers"))
sections.register(
    sections.Section(
        "coverage", "Coverage", "coverage/record_section.html", shown.section, permission="coverage.read", place=20
    )
)
slip.register(shown.slip_part, permission="coverage.read")
