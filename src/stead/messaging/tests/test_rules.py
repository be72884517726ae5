"""Who may be written to, when: tables and properties, no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stead.messaging import rules, wording
from stead.messaging.terms import Recipient

LOUISVILLE = "America/Kentucky/Louisville"
NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
VALUES = {
    "first_name": "Dee", "practice": "Linden Street Counseling", "day": "Monday, November 30", "time": "10:00 am",
    "location": "Linden Street", "phone": "(502) 555-0100", "link": "https://stead.example/p",
    "amount": "$45.50", "number": "9F3C21AB",
    "why": "you hold the seat", "who": "Ana Ruiz", "name": "Teo Lindqvist", "roles": "clinician",
    "until": "Tuesday, December 1", "minutes": "60",
}  # fmt: skip


def asked(granted: bool | None = True, zone: str = LOUISVILLE, address: str = "dee@example.org") -> Recipient:
    return Recipient(address, zone, granted)


@pytest.mark.parametrize(
    ("channel", "purpose", "recipient", "when"),
    [
        ("email", "care", asked(True), "now"),
        ("email", "care", asked(False), "never"),
        ("email", "care", asked(None), "never"),
        ("sms", "care", asked(None), "never"),
        ("sms", "billing", asked(True), "now"),
        ("email", "care", asked(True, address=""), "never"),
        ("portal", "care", asked(None, address=""), "now"),
        ("email", "staff", asked(None), "now"),
        ("email", "care", Recipient("dee@example.org", LOUISVILLE, True, is_deceased=True), "never"),
    ],
)
def test_message_leaves_only_where_the_patient_agreed(
    channel: str, purpose: str, recipient: Recipient, when: str
) -> None:
    may = rules.may_send(channel=channel, purpose=purpose, recipient=recipient, now=NOON)
    assert may.when == when
    assert (may.words == "") == (when == "now")


def test_night_is_the_patients_night() -> None:
    late = datetime(2026, 11, 25, 3, 10, tzinfo=UTC)  # 22:10 in Louisville, 20:10 in Denver
    there = rules.may_send(channel="email", purpose="care", recipient=asked(zone="America/Denver"), now=late)
    here = rules.may_send(channel="email", purpose="care", recipient=asked(), now=late)
    assert (there.when, here.when) == ("now", "later")
    assert here.at == datetime(2026, 11, 25, 13, 0, tzinfo=UTC)  # 8:00 in Louisville


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.sampled_from([LOUISVILLE, "America/Chicago", "America/Phoenix", "Pacific/Honolulu"]),
)
def test_quiet_hours_end_at_eight_the_same_or_the_next_morning(now: datetime, zone: str) -> None:
    end = rules.end_of_quiet(now, zone)
    local = now.astimezone(ZoneInfo(zone))
    assert (end is None) == (8 <= local.hour < 21)
    if end is not None:
        assert end.astimezone(ZoneInfo(zone)).hour == 8
        assert timedelta(0) < end - now <= timedelta(hours=12)  # a night of clock change is an hour longer
        assert rules.end_of_quiet(end, zone) is None


@pytest.mark.parametrize(
    "text",
    [
        "STOP", "stop.", " Stop! ", "Unsubscribe", "please stop", "ALTO", "baja", "No más", "STOP ALL", "Stop please",
        "stop all messages", "Don\N{RIGHT SINGLE QUOTATION MARK}t text me", "do not text me, please", "opt-out",
        "Revoke consent", "I revoke my consent.", "Please take me off your list", "No me envíe mensajes",
        "STOP, thank you",
    ],
)  # fmt: skip
def test_word_of_ending_is_understood(text: str) -> None:
    assert rules.is_stop(text)


@pytest.mark.parametrize(
    "text", ["stop by at 3?", "I cannot stop coughing", "do not text me before 9", "please", "yes", "", "start"]
)
def test_other_words_end_nothing(text: str) -> None:
    assert not rules.is_stop(text)


def test_waits_grow_and_end() -> None:
    waits = [rules.next_try(n, NOON) for n in range(1, 8)]
    assert waits == sorted(w for w in waits if w)
    assert rules.next_try(8, NOON) is None


@pytest.mark.parametrize("name", sorted(wording.wordings()))
@pytest.mark.parametrize("language", ["en", "es", "es-MX", "fr"])
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_every_wording_fills_in_every_language_and_form(name: str, language: str, channel: str) -> None:
    text = wording.render(name, language=language, channel=channel, values=VALUES)
    assert "{" not in text.subject + text.body
    assert VALUES["practice"] in text.body
    if channel == "sms" and wording.wordings()[name].purpose != "staff":
        assert "STOP" in text.body


def test_missing_value_is_a_fault_and_never_a_hole() -> None:
    with pytest.raises(wording.WordingIncomplete, match="time"):
        wording.render("reminder_1d", language="en", channel="email", values=VALUES | {"time": ""})


def test_line_break_in_a_value_adds_no_header() -> None:
    values = VALUES | {"time": "10:00\r\nBcc: eve@example.org"}
    assert "\n" not in wording.render("reminder_1d", language="en", channel="email", values=values).subject


BOTH = {"email": "dee@example.org", "sms": "+15025550142"}


@pytest.mark.parametrize(
    ("addresses", "granted", "carried", "way"),
    [
        (BOTH, {"email": True, "sms": True}, {"email", "sms"}, "email"),
        (BOTH, {"sms": True}, {"email", "sms"}, "sms"),
        (BOTH, {"email": False, "sms": True}, {"email"}, ""),
        (BOTH, {"email": True, "sms": True}, {"email"}, "email"),
        (BOTH | {"email": ""}, {"email": True, "sms": True}, {"email", "sms"}, "sms"),
        (BOTH, {}, {"email", "sms"}, ""),
        ({}, {"email": True, "sms": True}, {"email", "sms"}, ""),
    ],
)
def test_patient_is_written_to_only_where_agreed_and_carried(
    addresses: dict[str, str], granted: dict[str, bool], carried: set[str], way: str
) -> None:
    assert rules.agreed_way(addresses, granted, carried) == way
