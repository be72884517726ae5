"""A receiving mail server for the demo and the tests: it speaks SMTP and keeps each mail as a file.

Nothing leaves the machine. Recipients decide what it says, so that refusals can be seen: an address that begins with
`bounce` is refused for good (550), one with `later` for now (451), one with `hangup` loses the line after DATA.
Source: RFC 5321, the commands a sender needs.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from types import TracebackType

MOST_BYTES = 1024 * 1024
_PATH = re.compile(r"(?:FROM|TO):\s*<([^<>]*)>", re.IGNORECASE)


class _Conversation:
    """One client, from 220 to 221."""

    def __init__(self, folder: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.folder, self.reader, self.writer = folder, reader, writer
        self.to: list[str] = []
        self.sender: str | None = None

    async def hold(self) -> None:
        self._say(220, "stead sandbox")
        while line := await self.reader.readline():
            word, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if not await self._answer(word.upper(), rest):
                break
            await self.writer.drain()

    async def _answer(self, word: str, rest: str) -> bool:
        match word:
            case "EHLO" | "HELO":
                self._say(250, "stead sandbox")
            case "MAIL":
                self.sender, self.to = _path(rest), []
                self._say(250, "ok")
            case "RCPT":
                self._take_recipient(_path(rest))
            case "DATA":
                return await self._take_mail()
            case "RSET":
                self.sender, self.to = None, []
                self._say(250, "ok")
            case "NOOP":
                self._say(250, "ok")
            case "QUIT":
                self._say(221, "goodbye")
                return False
            case _:
                self._say(502, "not known here")
        return True

    def _take_recipient(self, address: str) -> None:
        if self.sender is None:
            self._say(503, "MAIL first")
        elif address.startswith("bounce"):
            self._say(550, "5.1.1 no such mailbox")
        elif address.startswith("later"):
            self._say(451, "4.7.1 try again later")
        else:
            self.to.append(address)
            self._say(250, "ok")

    async def _take_mail(self) -> bool:
        if not self.to:
            self._say(503, "RCPT first")
            return True
        self._say(354, "go ahead")
        await self.writer.drain()
        body = await self._read_body()
        if any(address.startswith("hangup") for address in self.to):
            return False
        if body is None:
            self._say(552, "5.3.4 too large")
            return True
        keep(self.folder, body)
        self._say(250, "2.0.0 kept")
        return True

    async def _read_body(self) -> bytes | None:
        lines: list[bytes] = []
        size = 0
        while (line := await self.reader.readline()) not in (b".\r\n", b""):
            size += len(line)
            if size <= MOST_BYTES:
                lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines) if size <= MOST_BYTES else None

    def _say(self, code: int, words: str) -> None:
        self.writer.write(f"{code} {words}\r\n".encode())


def _path(rest: str) -> str:
    found = _PATH.search(rest)
    return found.group(1) if found else ""


def keep(folder: Path, body: bytes) -> Path:
    """Write one mail under its Message-ID: the same mail twice is one file, as a careful receiver keeps it."""
    name = re.sub(r"[^0-9A-Za-z]+", "-", str(message_from_bytes(body)["Message-ID"] or "no-id")).strip("-")[:80]
    folder.mkdir(parents=True, exist_ok=True)
    part, path = folder / f".{name}.part", folder / f"{name}.eml"
    part.write_bytes(body)
    return part.replace(path)


def mails(folder: Path) -> list[Message]:
    """Every mail received, oldest first."""
    paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes()) for path in paths]


class MailSink:
    """The server on a thread of its own: `with MailSink(folder) as sink: sink.port`."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self.folder, self.host, self.port = folder, host, port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="mail-sink", daemon=True)
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._failed: OSError | None = None

    def start(self) -> MailSink:
        self._thread.start()
        self._ready.wait()
        if self._failed:
            raise self._failed
        return self

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(timeout=5)

    def __enter__(self) -> MailSink:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        try:
            server = await asyncio.start_server(self._talk, self.host, self.port)
        except OSError as error:
            self._failed = error
            self._ready.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._stop.wait()
            server.close_clients()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with _closing(writer):
            await _Conversation(self.folder, reader, writer).hold()


@contextmanager
def _closing(writer: asyncio.StreamWriter) -> Iterator[None]:
    """A client that goes away in the middle ends its own conversation and nobody else's."""
    try:
        yield
    except ConnectionError:
        writer.transport.abort()
    finally:
        writer.close()
