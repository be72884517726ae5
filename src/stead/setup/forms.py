"""Shape of what the pages of setting up ask."""

from __future__ import annotations

import zoneinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from stead.platform.actors import STAFF_ROLES
from stead.practice import queries
from stead.practice.terms import WEEKDAYS, LocationDetails, PersonDetails, ProfileDetails, SeatDetails, StaffDetails
from stead.setup import queries as setup_queries

DAY_NAMES = dict(
    zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)
PRESET_NAMES = {"solo": "one clinician", "group": "one to three sites", "multi_site": "four or more sites"}
LANGUAGES = [("en", "English"), ("es", "Spanish")]


def _day(label: str, **given: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **given)


def _digits(text: str) -> str:
    """Take the hyphens and spaces out that people write into numbers; what else is there stays, and is refused."""
    return text.replace("-", "").replace(" ", "")


def _places(none: str) -> list[tuple[str, str]]:
    return [("", none), *((str(place.id), place.name) for place in queries.locations())]


def _zones() -> list[tuple[str, str]]:
    """Offer every zone by its place, those of America first."""
    places = [name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("Etc/", "posix"))]
    ordered = sorted(places, key=lambda name: (not name.startswith(("America/", "US/", "Pacific/")), name))
    return [(name, name.replace("_", " ")) for name in ordered]


def role_name(role: str) -> str:
    return role.replace("_", " ")


class PlaceField(forms.UUIDField):
    """One open location, or none."""

    def __init__(self, none: str, **given: Any) -> None:
        widget = forms.Select(choices=lambda: _places(none))  # type: ignore[arg-type]  # Django takes a callable
        super().__init__(widget=widget, required=False, **given)


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label="Roles", choices=[(role, role_name(role)) for role in STAFF_ROLES], widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *given: Any, may_give_owner: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        if not may_give_owner:
            _without_owner(self)


def _without_owner(form: forms.Form) -> None:
    """Offer nobody what the action refuses: only an owner gives the owner's role."""
    field = form.fields["roles"]
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = [(role, role_name(role)) for role in STAFF_ROLES if role != "owner"]


class PersonForm(forms.Form):
    """Somebody's record, without what they sign in with."""

    name = forms.CharField(label="Name", max_length=200)
    credentials = forms.CharField(label="Credentials", max_length=40, required=False, help_text="such as PhD, LCSW")
    phone = forms.CharField(label="Telephone", max_length=20, required=False)
    home_location_id = PlaceField("Any place", label="Works mostly at")
    languages = forms.MultipleChoiceField(
        label="Speaks with patients", choices=LANGUAGES, widget=forms.CheckboxSelectMultiple, initial=["en"]
    )
    is_practitioner = forms.BooleanField(label="Treats patients", required=False)
    npi = forms.CharField(label="NPI", max_length=13, required=False, help_text="ten digits; claims need it")
    taxonomy = forms.CharField(label="Taxonomy code", max_length=10, required=False, help_text="such as 103T00000X")
    accepts_new = forms.BooleanField(label="Takes new patients", required=False, initial=True)

    def clean_npi(self) -> str:
        return _digits(self.cleaned_data["npi"])

    def details(self) -> PersonDetails:
        return PersonDetails(**{name: self.cleaned_data[name] for name in PersonForm.base_fields})


class InviteForm(PersonForm):
    """Somebody new: who, as what, on which seats, from when."""

    email = forms.EmailField(label="E-mail", help_text="the invitation goes there; they sign in with it")
    roles = forms.MultipleChoiceField(
        label="Roles", choices=[(role, role_name(role)) for role in STAFF_ROLES], widget=forms.CheckboxSelectMultiple
    )
    started_date = _day("First day")
    seat_ids = forms.MultipleChoiceField(
        label="Seats without a name", required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ("name", "email", "roles", "started_date", "home_location_id", "seat_ids")

    def __init__(self, *given: Any, may_give_owner: bool, today: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        if not may_give_owner:
            _without_owner(self)
        seats = self.fields["seat_ids"]
        assert isinstance(seats, forms.MultipleChoiceField)
        seats.choices = [(str(seat.id), seat.name) for seat in setup_queries.blank_seats(today)]

    def given(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        seats = [UUID(seat) for seat in said.pop("seat_ids")]
        said["is_practitioner"] = said["is_practitioner"] or "clinician" in said["roles"]
        return {"details": StaffDetails(**said), "seat_ids": seats}


class EndForm(forms.Form):
    last_date = _day("Last day at work")
    at_once = forms.BooleanField(
        label="End it now", required=False, help_text="access ends this minute, and today's work goes to backups"
    )


class ProfileForm(forms.Form):
    """How the practice names itself, to patients and to payers."""

    name = forms.CharField(label="Name", max_length=200, help_text="as patients know it; on pages and in messages")
    time_zone = forms.ChoiceField(label="Time zone", choices=_zones)
    legal_name = forms.CharField(label="Legal name", max_length=200, help_text="as payers know it")
    npi = forms.CharField(label="NPI", max_length=13, help_text="ten digits, type 2 for a group")
    tax_id = forms.CharField(label="Tax number", max_length=11, help_text="nine digits; EIN, or SSN of a sole owner")
    taxonomy = forms.CharField(label="Taxonomy code", max_length=10, help_text="such as 261QM0801X")
    phone = forms.CharField(label="Telephone", max_length=20)
    email = forms.EmailField(label="E-mail")
    line1 = forms.CharField(label="Billing address", max_length=100, help_text="street and number; payers take no box")
    city = forms.CharField(label="City", max_length=60)
    state = forms.CharField(label="State", max_length=2, min_length=2, help_text="two letters")
    zip_code = forms.CharField(label="ZIP", max_length=10)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for name in ("npi", "tax_id", "zip_code"):
            if name in said:
                said[name] = _digits(said[name])
        for name in ("state", "taxonomy"):
            if name in said:
                said[name] = said[name].upper()
        return said

    def given(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        return {"name": said.pop("name"), "time_zone": said.pop("time_zone"), "details": ProfileDetails(**said)}


class LocationForm(forms.Form):
    """A place with its hours; a day without both times is closed."""

    name = forms.CharField(label="Name", max_length=100)
    time_zone = forms.ChoiceField(label="Time zone", choices=_zones)
    line1 = forms.CharField(label="Street and number", max_length=100, required=False)
    city = forms.CharField(label="City", max_length=60, required=False)
    state = forms.CharField(label="State", max_length=2, min_length=2, required=False)
    zip_code = forms.CharField(label="ZIP", max_length=10, required=False)
    phone = forms.CharField(label="Telephone", max_length=20, required=False)
    npi = forms.CharField(label="NPI of this place", max_length=13, required=False, help_text="where it has its own")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for day, name in DAY_NAMES.items():
            self.fields[f"{day}_opens"] = _time(f"{name}, opens")
            self.fields[f"{day}_closes"] = _time(f"{name}, closes")

    def days(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "opens": self[f"{day}_opens"], "closes": self[f"{day}_closes"]}
            for day, name in DAY_NAMES.items()
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for name in ("npi", "zip_code"):
            said[name] = _digits(said.get(name, ""))
        said["state"] = said.get("state", "").upper()
        for day in WEEKDAYS:
            opens, closes = said.get(f"{day}_opens"), said.get(f"{day}_closes")
            if (opens is None) != (closes is None):
                self.add_error(f"{day}_{'opens' if opens is None else 'closes'}", "Give both times, or neither.")
            elif opens is not None and closes is not None and closes <= opens:
                self.add_error(f"{day}_closes", "This is not after it opens.")
        return said

    def details(self) -> LocationDetails:
        said = self.cleaned_data
        hours = {
            day: (f"{said[f'{day}_opens']:%H:%M}", f"{said[f'{day}_closes']:%H:%M}")
            for day in WEEKDAYS
            if said.get(f"{day}_opens")
        }
        plain = ("name", "time_zone", "line1", "city", "state", "zip_code", "phone", "npi")
        return LocationDetails(hours=hours, **{name: said[name] for name in plain})


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(label=label, required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class RoomForm(forms.Form):
    name = forms.CharField(label="Name", max_length=60)
    capacity = forms.IntegerField(label="Chairs", min_value=1, max_value=200, initial=2)


class ClosedDayForm(forms.Form):
    day = _day("Day")
    location_id = PlaceField("The whole practice", label="Where")
    words = forms.CharField(label="Why", max_length=100, help_text="such as Thanksgiving")


class SeatForm(forms.Form):
    """A seat beyond the preset."""

    name = forms.CharField(label="Name", max_length=100)
    key = forms.SlugField(label="Short name", max_length=60, help_text="playbooks call it so, such as group_lead")
    duties = forms.CharField(
        label="What it answers for", required=False, help_text="one in each line",
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    reports_to_key = forms.ChoiceField(label="Reports to", required=False)
    location_id = PlaceField("Every place", label="Where")
    write_off = forms.DecimalField(label="May write off up to", min_value=0, decimal_places=2, required=False)
    refund = forms.DecimalField(label="May refund up to", min_value=0, decimal_places=2, required=False)
    spend = forms.DecimalField(label="May spend up to", min_value=0, decimal_places=2, required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        field = self.fields["reports_to_key"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Nobody"), *((seat.key, seat.name) for seat in queries.seats())]

    def details(self) -> SeatDetails:
        said = self.cleaned_data
        duties = tuple(line.strip()[:300] for line in said["duties"].splitlines() if line.strip())
        return SeatDetails(
            said["key"].replace("-", "_"), said["name"].strip(), duties, said["reports_to_key"], said["location_id"],
            _cents(said["write_off"]), _cents(said["refund"]), _cents(said["spend"]), position=500,
        )  # fmt: skip


def _cents(dollars: Decimal | None) -> int | None:
    return None if dollars is None else int(dollars * 100)


class PresetForm(forms.Form):
    preset = forms.ChoiceField(
        label="Seats for", choices=[(key, PRESET_NAMES[key]) for key in ("solo", "group", "multi_site")]
    )


class JoinForm(forms.Form):
    password = forms.CharField(
        label="A password", help_text="at least 15 characters; four random words do well", max_length=256, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


class ForgottenForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))


class ResetForm(forms.Form):
    password = forms.CharField(
        label=_("New password"), help_text=_("at least 15 characters; 8 with a second step"), max_length=256,
        strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
