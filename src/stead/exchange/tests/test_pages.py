"""The mailbox page."""

from __future__ import annotations

from typing import Any

import pytest

from stead.exchange.models import MailboxFault
from stead.exchange.tests.cast import Post, asked, covered
from stead.exchange.tests.test_mailbox import BROKEN

pytestmark = pytest.mark.django_db


def test_faults_stand_first_and_are_dealt_with(client_as: Any, post: Post) -> None:
    asked(post, covered(post, "W1"))
    post.drop("era<b>.x12", BROKEN["cut"])
    post.fetch_all()
    client = client_as("biller")
    text = client.get("/billing/mailbox/").content.decode()
    assert "for somebody." in text
    assert "era&lt;b&gt;.x12" in text
    assert "Eligibility question" in text
    for fault in MailboxFault.objects.all():
        page = client.post(f"/billing/mailbox/faults/{fault.id}/settle/")
        assert "Dealt with. The file stays kept." in page.content.decode()
    text = client.get("/billing/mailbox/").content.decode()
    assert "One file waits to leave." in text
    assert "No file needs anybody." in text
    assert client.post(f"/billing/mailbox/faults/{fault.id}/settle/").status_code == 422


def test_reading_again_keeps_what_is_still_wrong(client_as: Any, post: Post) -> None:
    post.drop("era.x12", BROKEN["cut"])
    post.fetch_all()
    fault = MailboxFault.objects.first()
    assert fault is not None
    page = client_as("manager").post(f"/billing/mailbox/faults/{fault.id}/read-again/")
    assert "for somebody." in page.content.decode()
    assert MailboxFault.objects.filter(settled_at=None).exists()


def test_mailbox_is_looked_through_on_demand(client_as: Any, post: Post) -> None:
    client = client_as("biller")
    for _ in range(2):
        assert "being looked through" in client.post("/billing/mailbox/fetch/").content.decode()
        assert "are on their way" in client.post("/billing/mailbox/send/").content.decode()


def test_roles_strangers_filters_and_export(client_as: Any, eve_client: Any, post: Post) -> None:
    post.drop("era.x12", BROKEN["cut"])
    post.fetch_all()
    fault = MailboxFault.objects.first()
    assert fault is not None
    assert client_as("front_desk").get("/billing/mailbox/").status_code == 403
    assert eve_client.post(f"/billing/mailbox/faults/{fault.id}/settle/").status_code == 404
    client = client_as("manager")
    assert client.get("/billing/mailbox/fetch/").status_code == 405
    assert "No file fits." in client.get("/billing/mailbox/?direction=out&state=sent").content.decode()
    assert "era.x12" in client.get("/billing/mailbox/?format=csv").content.decode()
