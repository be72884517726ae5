"""Sample data for the pages of /design only: one invented practice, one story, no real person.

The story is that of the design pictures: Dee Marsh's missing insurance card. Figures on one page agree with the others.
"""

from datetime import date, time
from typing import Any, Final

from django import forms

from stead.platform.ui.calendar import hour_labels, place
from stead.platform.ui.charts import Share, share_bar
from stead.platform.ui.parts import (
    Block,
    Choice,
    Clause,
    Filter,
    FilterBar,
    GateRefusal,
    Hit,
    HitGroup,
    Line,
    NextTime,
    Override,
    Receipt,
    Stage,
    Step,
)

TODAY: Final = date(2026, 11, 24)
PRESS: Final = "/design/press"
MONA: Final = {"name": "Mona Petrakis", "seat": "Practice manager"}
ANA: Final = {"name": "Ana Ruiz", "seat": "Front desk lead"}
ROOM_NAMES: Final = (
    ("today", "Today"),
    ("calendar", "Calendar"),
    ("patients", "Patients"),
    ("intake", "Intake"),
    ("care", "Care"),
    ("billing", "Billing"),
    ("messages", "Messages"),
    ("playbooks", "Playbooks"),
    ("numbers", "Numbers"),
    ("seats", "Seats"),
    ("rhythm", "Rhythm"),
)


def nav(current: str) -> list[dict[str, Any]]:
    """Return the bar with one room current."""
    addresses = {"today": "/design/home", "calendar": "/design/booking"}
    return [
        {"key": key, "label": label, "url": addresses.get(key, "/design/"), "current": key == current}
        for key, label in ROOM_NAMES
    ]


def tabs(*labels: str, current: str) -> list[dict[str, Any]]:
    return [{"label": label, "url": "#main", "current": label == current} for label in labels]


HAND: Final = {
    "name": "Dee Marsh",
    "url": "#main",
    "born": "Mar 14, 1991",
    "pronouns": "she/her",
    "coverage": "Bluegrass Mutual PPO",
    "state": "Jeffersonville, IN",
    "balance": "$0.00",
    "next": "Intake, step 3 of 6",
    "links": [{"label": "Open the case", "url": "#main"}, {"label": "Message", "url": "#main"}],
    "put_down_url": "?",
}


def post(label: str) -> Step:
    return Step(label, PRESS, "post", (("pressed", label),))


REFUSAL: Final = GateRefusal(
    sentence="Not booked. Two of six clauses are not met.",
    gate="Before a first visit is booked",
    gate_url="#main",
    note="Nothing was changed; Dr Cho's 10:00 is kept free for you until 10:56.",
    asked=(
        ("Service", "First visit, 60 min"),
        ("With", "Dr Grace Cho"),
        ("When", "Mon Nov 30, 10:00 am"),
        ("Where", "Linden Street, Room 2"),
    ),
    clauses=(
        Clause(1, "met", "The financial agreement is signed", "Version 4, Dee, Nov 22, 7:14 pm"),
        Clause(2, "met", "A card is on file", "Visa ending 4417, checked Nov 22"),
        Clause(
            3,
            "unmet",
            "The insurance card is verified, both sides",
            "Front verified Nov 22. Back missing; asked 3 times, last Mon 4:00 pm",
            "Priya Nair",
            "Intake coordinator",
            post("Text Dee the link"),
            (Step("Upload a photo", "#main"),),
        ),
        Clause(
            4,
            "unknown",
            "The payer confirmed coverage",
            "Not known yet. Bluegrass Mutual was asked Mon 10:02 am, no answer",
            "Joyce Amadi",
            "Biller",
            post("Ask the payer again"),
        ),
        Clause(5, "met", "The practitioner is licensed where the patient is", "Visit in Kentucky; Dr Cho: KY, IN"),
        Clause(6, "met", "Prior authorization is not needed, or units are left", "Not needed for a first visit"),
    ),
    next_head="Book it the moment both are met",
    next_note="Dee sees the held time in her portal. "
    "If nothing arrives by the time shown, it is released and you are told.",
    next_times=(
        NextTime("A", "Mon Nov 30, 10:00 am", "Dr Grace Cho", "the time you asked for", post("Hold to Wed noon")),
        NextTime("B", "Tue Dec 1, 2:00 pm", "Dr Grace Cho", "fits Dee's afternoons", post("Hold to Wed noon")),
        NextTime("C", "Thu Dec 3, 9:00 am", "Dr Grace Cho", "leaves no orphan half hour", post("Hold to Wed noon")),
    ),
    override=Override(
        says="As front desk lead you may override clauses 3 and 4, twice a week; one is left. Clause 5 is license law: "
        "nobody may. This gate was overridden 4 times in 90 days. "
        "At 6 it goes to the weekly meeting: rewrite it or enforce it.",
        url=PRESS,
        label="Override and book",
        ends="Ends at check-in on Nov 30 unless the card is verified",
    ),
)

RECEIPT: Final = Receipt(
    "Booked Mon Nov 30, 10:00 am with Dr Cho.", Step("Undo", PRESS, "post"), "until 10:45, then Dee is told"
)

FILTERS: Final = FilterBar(
    filters=(
        Filter(
            "state",
            "State",
            "denied, silent, sent",
            (
                Choice("denied", "denied", True),
                Choice("silent", "silent", True),
                Choice("sent", "sent", True),
                Choice("paid", "paid"),
            ),
            many=True,
        ),
        Filter("payer", "Payer", "all", (Choice("", "all", True), Choice("bluegrass", "Bluegrass Mutual"))),
        Filter("owner", "Owner", "me", (Choice("me", "me", True), Choice("", "anybody"))),
    ),
    count='3 of 61, kept as "My Monday"',
    clear_url="?",
    kept=(("sort", "service"),),
)

CLAIMS: Final = (
    ("CL-20418", "R. Delgado", "Commonwealth Health Plan", "Nov 18", "$165.00", "unmet", "denied"),
    ("CL-20407", "F. Aziz", "Bluegrass Mutual", "Nov 17", "$140.00", "asked", "sent"),
    ("CL-20399", "H. Moreau", "Tri-State Benefit", "Oct 9", "$198.00", "close", "silent 45 days"),
)

TIMELINE: Final = (
    Line(
        "Booking refused by the gate Before a first visit is booked, clauses 3 and 4",
        "Tue Nov 24", "10:31 am", "refused", "Ana Ruiz", "48,213", "#main",
    ),
    Line(
        "Reminder to Priya Nair: the step passed its limit Mon 5:00 pm",
        "", "9:00 am", "over", "Stead", "47,902", "#main"
    ),
    Line("No action for 17 h, 16 of them outside office hours", kind="gap"),
    Line(
        "Text sent with a link for the back of the card: delivered, not opened",
        "Mon Nov 23", "4:00 pm", "held", "Stead", "47,655", "#main",
    ),
    Line(
        "Eligibility asked of Bluegrass Mutual: accepted, no answer yet",
        "", "10:02 am", "asked", "Stead", "47,288", "#main",
    ),
    Line("Front of the card verified; the back asked for again", "", "9:06 am", "met", "Priya Nair", "47,240", "#main"),
)  # fmt: skip

STAGES: Final = (
    Stage("Request received", "behind", "met", notes=("51 min", "Priya Nair")),
    Stage("Agreement and card", "behind", "met", notes=("50 h, waiting on Dee", "Priya Nair")),
    Stage("Insurance and documents", "now", "waiting", "brick", ("Priya Nair",), over="1 h 42 min over"),
    Stage("Eligibility", "ahead", "booked", notes=("asked early, Mon 10:02", "Joyce Amadi")),
    Stage("Match", "ahead", "booked", notes=("limit 1 day", "Olu Adeyemi")),
    Stage("First visit booked", "ahead", "booked", notes=("limit 2 days",), no_one=True),
)


class PolicyForm(forms.Form):
    """The sample of page 10: one wrong answer, a hint, an optional field, choices."""

    member_number = forms.CharField(label="Member number")
    relation = forms.ChoiceField(
        label="Relation to the subscriber",
        choices=[("self", "Self"), ("child", "Child"), ("spouse", "Spouse or partner")],
    )
    group_number = forms.CharField(label="Group number", required=False)
    ends_date = forms.DateField(label="Ends on", help_text="as printed, such as 12/31/2026", required=False)
    sides = forms.MultipleChoiceField(
        label="Sides seen",
        choices=[("front", "Front"), ("back", "Back")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    primary = forms.BooleanField(label="This policy pays first", required=False)
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 2}), required=False)

    def clean_member_number(self) -> str:
        number: str = self.cleaned_data["member_number"]
        if len(number) != 12:
            raise forms.ValidationError("11 characters. Bluegrass Mutual uses 12, starting with BGM.")
        return number


def policy_form() -> PolicyForm:
    """Return the form as it comes back with one answer that needs another look."""
    form = PolicyForm({"member_number": "BGM44712093", "relation": "self", "group_number": "70118", "sides": ["front"]})
    form.is_valid()
    return form


PALETTE: Final = (
    HitGroup(
        "Patients",
        (
            Hit("Marsh, Dee", "#main", "b. Mar 14, 1991, intake step 3 of 6"),
            Hit("Marlow, Quinn", "#main", "b. Jul 2, 1988, Imani Brooks"),
        ),
    ),
    HitGroup(
        "With Dee Marsh",
        (
            Hit("Book a visit", "/design/booking", "refused by one gate", "B"),
            Hit("Take a payment", "#main", "nothing owed", "P"),
            Hit("Why blocked", "/design/booking", "2 clauses", "W"),
        ),
    ),
    HitGroup(
        "Pages and actions",
        (Hit("Marcus Bell, notes unsigned", "#main", "11"), Hit("Mark an absence", "#main", "Seats")),
    ),
)


def found(query: str) -> list[HitGroup]:
    """Keep the sample rows that hold the query; with nothing typed all of them."""
    kept = [HitGroup(g.head, [h for h in g.hits if query.lower() in str(h.label).lower()]) for g in PALETTE]
    return [group for group in kept if group.hits]


OPENS: Final = time(8)


def block(
    start: str, minutes: int, name: str, state: Any, word: str = "", kind: str = "Individual", **more: Any
) -> Block:
    """Return a block of the sample day; the mark goes with the state."""
    marks = {"done": "met", "offered": "held"}
    hour, minute = map(int, start.split(":"))
    where = place(time(hour, minute), minutes, opens=OPENS)
    return Block(name, where.classes, state, marks.get(state, state), word or state.capitalize(), kind, "#main", **more)


def closed(start: str, minutes: int, words: str) -> dict[str, str]:
    hour, minute = map(int, start.split(":"))
    return {"closed": words, "place": place(time(hour, minute), minutes, opens=OPENS).classes}


HOURS: Final = hour_labels(OPENS, time(18))
SCORECARD: Final = (
    (
        "New patients started", "first visits kept", "Priya Nair", "at least 9",
        (10, 9, 8, 11, 10, 9, 12, 10), (2,), "", "",
    ),
    (
        "Intake turnaround, median", "hours from request to complete", "Priya Nair", "at most 48 h",
        (43, 45, 46, 52, 55, 49, 58, 61), (3, 4, 5, 6, 7), "over", "5 weeks over",
    ),
    (
        "Ready, booked in 7 days", "share of patients made ready", "", "at least 75%",
        (78, 75, 76, 77, 71, 69, 62, 58), (4, 5, 6, 7), "over", "4 weeks under",
    ),
    ("Days in A/R", "", "Ben Whitlock", "at most 35", (32, 33, 33, 33, 33, 33, 34, 34), (), "close", "rising 6 weeks"),
)  # fmt: skip


def scorecard_rows() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "note": note,
            "owner": owner,
            "target": target,
            "cells": [
                {"value": v, "off": i in off, "opened": name.startswith("Intake") and i == 7}
                for i, v in enumerate(values)
            ],
            "mark": mark,
            "run": run or "on target 5 weeks",
        }
        for name, note, owner, target, values, off, mark, run in SCORECARD
    ]


def shares() -> list[dict[str, Any]]:
    rows = (
        ("Work that keeps moving", 28.8, 1.2),
        ("Decisions with a second name", 13.0, 5.0),
        ("Money limits others hold", 10.8, 7.2),
    )
    return [
        {
            "name": name,
            "kept": kept,
            "lost": lost,
            "bar": share_bar(Share(kept, lost, 30), label=f"{kept} points kept, {lost} lost, of {kept + lost:g}"),
        }
        for name, kept, lost in rows
    ]
