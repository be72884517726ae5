"""The only writers of the practice's places, people and seats."""

from stead.practice.actions.absences import DatesReversed, cancel_absence, record_absence
from stead.practice.actions.people import (
    GoneAlready,
    add_license,
    change_staff_member,
    create_staff_member,
    end_staff_member,
    note_access_ended,
    set_roles,
    withdraw_staff_member,
)
from stead.practice.actions.places import (
    change_location,
    change_room,
    close_day,
    create_location,
    create_room,
    reopen_day,
    set_profile,
)
from stead.practice.actions.rows import NameTaken
from stead.practice.actions.seats import (
    NotHeld,
    SeatTaken,
    assign_seat,
    create_seat,
    drop_backups,
    install_seats,
    name_backup,
    vacate_seat,
)

__all__ = [
    "DatesReversed",
    "GoneAlready",
    "NameTaken",
    "NotHeld",
    "SeatTaken",
    "add_license",
    "assign_seat",
    "cancel_absence",
    "change_location",
    "change_room",
    "change_staff_member",
    "close_day",
    "create_location",
    "create_room",
    "create_seat",
    "create_staff_member",
    "drop_backups",
    "end_staff_member",
    "install_seats",
    "name_backup",
    "note_access_ended",
    "record_absence",
    "reopen_day",
    "set_profile",
    "set_roles",
    "vacate_seat",
    "withdraw_staff_member",
]
