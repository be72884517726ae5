"""Somebody with a password, and a browser that nobody has signed in with."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from stead.platform.accounts.models import Account
from stead.platform.actors import Actor
from stead.testing import clients

PASSWORD = "plum orbit lantern quilt"


@pytest.fixture
def mona_account(practice_row: Any, mona: Actor) -> Account:
    """Mona's account, with a password and a membership of the practice."""
    account: Account = clients.enter_person(practice_row, mona).account
    account.set_password(PASSWORD)
    account.save()
    return account


@pytest.fixture
def browser_of_nobody() -> Client:
    return Client()
