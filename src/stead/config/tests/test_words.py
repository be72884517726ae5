"""What the commands say when something outside is wrong: words, never a broken command."""

from __future__ import annotations

import pytest

from stead.config import examining, founding


@pytest.mark.parametrize("port", ["smtp", "", "0", "65536", "-1", "\u0662\u0665"])
def test_port_that_is_no_number_is_a_finding(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("STEAD_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("STEAD_SMTP_PORT", port)
    found = examining._mail()
    assert (found.name, found.state) == ("mail", "wrong")
    assert "no port" in found.words


def test_short_name_taken_in_the_meantime_is_said_in_words() -> None:
    from django.db import IntegrityError

    with pytest.raises(founding.PracticeExists, match="linden"), founding._refusing_taken("linden"):
        raise IntegrityError('duplicate key value violates unique constraint "platform_practice_slug_key"')
    with pytest.raises(IntegrityError), founding._refusing_taken("linden"):
        raise IntegrityError("another constraint")
