"""`stead demo --check`: live through a newcomer's first minutes, in a folder of its own, and say how it went."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx

from stead.config import programs
from stead.config.supervisor import free_port
from stead.platform.database.throwaway import throwaway_folder

Progress = Callable[[str], None]
START_PATIENCE = 240.0


def check_demo(say: Progress) -> dict[str, Any]:
    """Start from nothing, sign in as each role, fetch each home, stop, start again. `ok` is False if any failed."""
    from stead.simulation.demo.logins import LOGINS, PASSWORD

    with throwaway_folder() as folder:
        say("First start, from nothing")
        first = Running(folder, say)
        try:
            pages = {login.role: _home(first.address, login.email, PASSWORD, login.home) for login in LOGINS}
        finally:
            first.stop()
        say("Second start")
        second = Running(folder, say)
        second.stop()
        leaked = len(programs.using(folder))
    bad = {role: said for role, said in pages.items() if said != 200}
    return {
        "name": "demo",
        "ok": not bad and not leaked and first.status == 0 and second.status == 0,
        "first_page_s": round(first.seconds, 1),
        "second_start_s": round(second.seconds, 1),
        "logins": len(pages) - len(bad),
        "pages": pages,
        "leaked_programs": leaked,
    }


class Running:
    """A demo as a process of its own, ready when made."""

    def __init__(self, folder: Path, say: Progress) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.status: int | None = None
        environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "STEAD_RUNTIME_URL")}
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stead.config.cli", "demo", "--port", str(self.port)],
            env={**environment, "STEAD_STATE": str(folder)},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._await_first_page()
        self.seconds = time.monotonic() - begun
        say(f"First page after {self.seconds:.1f} s")

    def _await_first_page(self) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"The demo ended with status {self.process.returncode} before it served a page.")
            try:
                if httpx.get(f"{self.address}/sign-in/", timeout=10).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"The demo served no page within {START_PATIENCE:.0f} seconds.")

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.status = self.process.wait()


class _Form(HTMLParser):
    """The fields of the page's form that asks for a password, with their values; other forms are passed over."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._form: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form" and (said.get("method") or "").lower() == "post":
            self._form = {}
        if tag == "input" and self._form is not None and said.get("name"):
            self._form[str(said["name"])] = said.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            if "password" in self._form:
                self.fields = self._form
            self._form = None


def _home(address: str, email: str, password: str, home: str) -> int | str:
    """Sign in by the page's own form and fetch the home; return its status, or what went wrong."""
    with httpx.Client(base_url=address, follow_redirects=True, timeout=30) as client:
        form = _Form()
        form.feed(client.get("/sign-in/").text)
        if "email" not in form.fields or "password" not in form.fields:
            return "the sign-in page has no form for e-mail and password"
        given = form.fields | {"email": email, "password": password}
        said = client.post("/sign-in/", data=given, headers={"Referer": f"{address}/sign-in/"}, follow_redirects=False)
        if said.status_code >= 400:
            return f"signing in was answered with {said.status_code}"
        page = client.get(home)
        if "/sign-in" in str(page.url):
            return "signed in, and sent back to sign in"
        return page.status_code
