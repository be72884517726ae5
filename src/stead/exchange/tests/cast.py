"""A practice with a mailbox, a policy, and the sandbox payer at the other end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from stead.coverage.actions import ask_eligibility
from stead.coverage.models import Coverage, EligibilityCheck
from stead.coverage.tests.cast import bluegrass, dee, policy
from stead.exchange import actions, jobs
from stead.exchange.mailbox import FolderMailbox, mailbox_of
from stead.exchange.models import Interchange
from stead.platform import clock
from stead.platform.actors import Actor
from stead.practice.models import Location, PracticeProfile
from stead.simulation.payer import SandboxPayer


@dataclass
class Post:
    """The practice's side of the mailbox, driven by hand as a worker would."""

    practice: UUID
    by: Actor
    at: datetime

    @property
    def door(self) -> dict[str, Any]:
        return {"practice": self.practice, "by": self.by, "at": self.at}

    @property
    def box(self) -> FolderMailbox:
        return mailbox_of(self.practice)

    @property
    def folder(self) -> Path:
        return self.box.folder

    def upload_all(self) -> list[str]:
        for row in Interchange.objects.filter(direction="out", state="built").order_by("control_number"):
            with clock.driven(self.at):
                jobs.upload(interchange_id=row.id)
        return sorted(path.name for path in (self.folder / "outbound").iterdir())

    def fetch_all(self, at: datetime | None = None) -> list[Interchange]:
        """Take every waiting file, then once more: the second round moves what a commit had left in the tray."""
        taken = [actions.take_file(**(self.door | {"at": at or self.at}), name=name) for name in self.box.waiting()]
        for name in self.box.waiting():
            actions.take_file(**(self.door | {"at": at or self.at}), name=name)
        return [row for row in taken if row is not None]

    def drop(self, name: str, data: bytes) -> None:
        """Lay a file in the inbound tray, as a payer does."""
        (self.folder / "inbound" / name).write_bytes(data)

    def payer(self, **more: Any) -> SandboxPayer:
        return SandboxPayer(self.folder, **more)


def profile(practice: UUID, **more: Any) -> PracticeProfile:
    given: dict[str, Any] = {
        "legal_name": "Linden Street Counseling LLC",
        "npi": "1234567893",
        "tax_id": "611234567",
        "taxonomy": "261QM0850X",
        "phone": "5025550100",
        "email": "billing@linden.example",
        "line1": "100 Linden Street",
        "city": "Louisville",
        "state": "KY",
        "zip_code": "402020001",
    }
    return PracticeProfile.objects.create(id=practice, **(given | more))


def linden(**more: Any) -> Location:
    given: dict[str, Any] = {
        "name": "Linden Street",
        "time_zone": "America/Kentucky/Louisville",
        "line1": "100 Linden Street",
        "city": "Louisville",
        "state": "KY",
        "zip_code": "402020001",
    }
    return Location.objects.create(**(given | more))


def covered(post: Post, member_id: str = "W2001452", **more: Any) -> Coverage:
    number = Coverage.objects.count() + 1
    payer = more.pop("payer", None) or bluegrass(post.practice, post.by, post.at, edi_id=f"BGM{number:02d}")
    return policy(post.practice, post.by, post.at, dee(post.at, number=number), payer, member_id=member_id, **more)


def asked(post: Post, coverage: Coverage) -> EligibilityCheck:
    """Ask, and write the 270 as the job would."""
    check = ask_eligibility(**post.door, coverage_id=coverage.id, service_date=post.at.date())
    with clock.driven(post.at):
        jobs.send_inquiry(check_id=check.id)
    return check
