"""The server's account is chosen safely and its way is checked."""

import os
from pathlib import Path

import pytest

from stead.platform.database.account import Account, check_reachable, choose_account
from stead.platform.database.errors import AccountUnusable, FolderUnreachable


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def test_normal_user_serves_as_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    chosen = choose_account(tmp_path / "pgdata")
    assert (chosen.uid, chosen.switches) == (65534, False)


@pytest.mark.usefixtures("as_root")
def test_root_serves_as_nobody_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEAD_PG_USER", raising=False)
    assert choose_account(tmp_path / "pgdata").name == "nobody"
    monkeypatch.setenv("STEAD_PG_USER", "daemon")
    assert choose_account(tmp_path / "pgdata").name == "daemon"


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize(("name", "words"), [("no-such-account", "does not exist"), ("root", "which is root")])
def test_unusable_account_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str) -> None:
    monkeypatch.setenv("STEAD_PG_USER", name)
    with pytest.raises(AccountUnusable, match=words):
        choose_account(tmp_path / "pgdata")


def test_closed_folder_on_the_way_is_named_with_the_cure(tmp_path: Path) -> None:
    closed = tmp_path / "private"
    inside = closed / "venv"
    inside.mkdir(parents=True)
    closed.chmod(0o700 if os.geteuid() == 0 else 0o600)
    tmp_path.chmod(0o755)
    stranger = Account("nobody", 65534, 65534, switches=os.geteuid() == 0)
    with pytest.raises(FolderUnreachable, match=r"cannot enter .*chmod o\+x"):
        check_reachable(stranger, inside, purpose="the program")
    closed.chmod(0o700)


@pytest.mark.usefixtures("as_root")
def test_data_is_served_by_its_owner(tmp_path: Path) -> None:
    found = tmp_path / "pgdata"
    found.mkdir()
    if os.getuid() == 0:
        os.chown(found, 1, 1)
    assert choose_account(found).uid == found.stat().st_uid
