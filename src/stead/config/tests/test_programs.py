"""What the drills know of running programs: who descends from whom, and who listens."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from stead.config import programs

pytestmark = pytest.mark.skipif(not programs.PROC.is_dir(), reason="This system has no /proc; the drills say so.")


def test_descendants_are_found_however_deep() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        while len(programs.tree_of(child.pid)) < 2:
            assert child.poll() is None
        assert programs.tree_of(child.pid) < programs.tree_of(os.getpid())


def test_who_listens_on_a_port_is_found_and_who_has_closed_it_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert programs.listening_on(port) == [os.getpid()]
    assert programs.listening_on(port) == []
