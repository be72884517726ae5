"""Which account runs the server: ours, or, because PostgreSQL refuses root, an unprivileged one.

Data that exists already is served by its owner. A new cluster of root's belongs to the account named by
STEAD_PG_USER, by default `nobody`.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stead.platform.database.errors import AccountUnusable, FolderUnreachable

USER_VARIABLE = "STEAD_PG_USER"
DEFAULT_USER = "nobody"


@dataclass(frozen=True)
class Account:
    """The account of the server; `switches` when it is not the one we are."""

    name: str
    uid: int
    gid: int
    switches: bool

    def run(self, command: Sequence[str | Path], output: IO[bytes] | int, *, pass_fds: Sequence[int] = ()) -> int:
        """Run a program as this account, both its outputs into a file; return its exit code."""
        done = subprocess.run(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=pass_fds,
            check=False,
            user=self.uid if self.switches else None,
            group=self.gid if self.switches else None,
            extra_groups=[] if self.switches else None,
        )
        return done.returncode

    def own(self, path: Path) -> None:
        """Give the file or folder to this account."""
        if self.switches:
            os.chown(path, self.uid, self.gid)

    def own_tree(self, folder: Path) -> None:
        """Give the folder and all that is in it to this account."""
        if not self.switches:
            return
        for parent, _folders, files in os.walk(folder):
            self.own(Path(parent))
            for name in files:
                os.chown(Path(parent) / name, self.uid, self.gid, follow_symlinks=False)


def choose_account(pgdata: Path) -> Account:
    """Choose the account for the cluster whose folder is, or will be, `pgdata`."""
    if os.geteuid() != 0:
        me = pwd.getpwuid(os.geteuid())
        return Account(me.pw_name, me.pw_uid, me.pw_gid, switches=False)
    if pgdata.is_dir() and pgdata.stat().st_uid != 0:
        return _account_of_owner(pgdata.stat())
    return _named_account(os.environ.get(USER_VARIABLE, DEFAULT_USER))


def _account_of_owner(found: os.stat_result) -> Account:
    try:
        name = pwd.getpwuid(found.st_uid).pw_name
    except KeyError:
        name = str(found.st_uid)
    return Account(name, found.st_uid, found.st_gid, switches=True)


def _named_account(name: str) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise AccountUnusable(
            f"The account “{name}” does not exist on this machine. PostgreSQL does not run as root, so it "
            f"needs an existing unprivileged account: set {USER_VARIABLE} to one, or start Stead as a normal user."
        ) from None
    if entry.pw_uid == 0:
        raise AccountUnusable(
            f"{USER_VARIABLE} names “{name}”, which is root. PostgreSQL does not run as root: "
            f"set {USER_VARIABLE} to an unprivileged account, or start Stead as a normal user."
        )
    return Account(name, entry.pw_uid, entry.pw_gid, switches=True)


def check_reachable(account: Account, folder: Path, *, purpose: str) -> None:
    """Refuse with the first closed folder on the way when the account cannot enter `folder`."""
    if _can_enter(account, folder):
        return
    way = [*reversed(folder.parents), folder]
    closed = next((step for step in way if not _can_enter(account, step)), folder)
    raise FolderUnreachable(
        f"The account “{account.name}”, which runs PostgreSQL, cannot enter {closed}, and {purpose} lies in there "
        f"({folder}). Choose one: move Stead to a folder that every account may enter (not below a private home), "
        f"set {USER_VARIABLE} to an account that may, start Stead as a normal user, or allow entering with "
        f"`chmod o+x {closed}`."
    )


def _can_enter(account: Account, folder: Path) -> bool:
    """Try it for real, because access lists and mounts decide as well as modes."""
    if not account.switches:
        return os.access(folder, os.X_OK)
    return account.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], subprocess.DEVNULL) == 0
