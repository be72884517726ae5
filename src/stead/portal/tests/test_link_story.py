"""A phone, a link, no sign-in: the papers of an intake in Spanish, and a bill that is paid with one press."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from stead.platform.actors import Actor
from stead.portal.tests.test_story import PHONE, let_the_case_move
from stead.testing import clients
from stead.testing.browser import Axe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(practice_row: Any, linden: UUID, olu: Actor) -> Any:
    from stead.billing.tests.cast import profile
    from stead.forms.actions import publish_sample_agreements
    from stead.platform import clock
    from stead.platform.tenancy.context import acting
    from stead.practice.tests.cast import found
    from stead.processes.actions import publish_library

    now = clock.now()
    with clients.outside(), acting(linden, olu):
        found(linden, olu, now)
        profile()
        publish_library(practice=linden, by=olu, at=now)
        publish_sample_agreements(practice=linden, by=olu, at=now)
    return practice_row


@pytest.fixture
def door(linden: UUID) -> dict[str, Any]:
    from stead.platform import actors, clock

    return {"practice": linden, "by": actors.system(), "at": clock.now()}


@pytest.fixture
def rosa(house: Any, door: dict[str, Any], linden: UUID, olu: Actor) -> Any:
    from stead.patients.actions import record_contact_consent, register_patient
    from stead.patients.terms import PatientDetails
    from stead.platform.tenancy.context import acting

    with clients.outside(), acting(linden, olu):
        more: Any = {"language": "es", "email": "rosa@example.test", "state": "KY"}
        details = PatientDetails("Rosa", "Delgado", birth_date=date(1988, 7, 2), pays_self=False, **more)
        patient = register_patient(**door, details=details)
        record_contact_consent(**door, patient_id=patient.id, channel="email", purpose="billing", granted=True)
    return patient


def path_in(template: str) -> str:
    from stead.messaging.models import OutboxMessage
    from stead.messaging.queries import as_it_leaves

    body = as_it_leaves(OutboxMessage.objects.get(template=template)).body
    return "/p/" + body.split("/p/")[1].split()[0]


def test_papers_by_link_on_a_phone_in_spanish(
    open_page: Callable[..., Page],
    rosa: Any,
    door: dict[str, Any],
    linden: UUID,
    olu: Actor,
    priya: Actor,
    axe: Axe,
) -> None:
    from stead.forms.models import Signature
    from stead.intake.actions import invite_patient
    from stead.platform.tenancy.context import acting
    from stead.processes.actions import open_case

    with clients.outside(), acting(linden, olu):
        open_case(
            **door, playbook_key="new_patient_intake", subject=rosa, patient_id=rosa.id, title="Rosa Delgado"
        )  # fmt: skip
        invite_patient(**door, patient_id=rosa.id, base_url="https://linden.example.test")
        link = path_in("portal_invitation")
    let_the_case_move(linden, priya, "request_read", "safety_asked", "duplicate_checked")
    page = open_page(**(PHONE | {"locale": "es-MX"}))
    page.goto(link)
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url) if frame == page.main_frame else None)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sus documentos")
    axe(page)
    field = page.get_by_label("Su fecha de nacimiento")
    field.fill("1990-01-01")
    page.get_by_role("button", name="Seguir").click()
    expect(page.get_by_text("No es la fecha de nacimiento que tenemos.").first).to_be_visible()
    axe(page)
    field.fill("1988-07-02")
    page.get_by_role("button", name="Seguir").click()
    expect(page.get_by_role("heading", name="Cuánto cuesta la atención y cómo se paga")).to_be_visible()
    assert [url for url in loads if "/enter/" not in url and "/papers/" not in url] == []
    axe(page)
    page.get_by_role("button", name="Firmar", exact=True).click()
    expect(page.get_by_text("Marque cada documento que leyó.").first).to_be_visible()
    page.get_by_label("Leí").check()
    page.get_by_role("button", name="Firmar", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("tarjeta")
    axe(page)
    with clients.outside(), acting(linden, olu):
        signed = Signature.objects.filter(patient_id=rosa.id).order_by("id")
        assert [row.kind for row in signed] == ["financial_agreement", "electronic_records"]
        assert {row.agreement.language for row in signed} == {"es"}
    page.goto("/portal/messages/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inicie sesión para ver esto")
    axe(page)
    page.goto("/portal/")
    page.get_by_role("button", name="Terminé: cerrar mis documentos").click()
    page.goto("/portal/")
    expect(page).to_have_url(re.compile("/sign-in/"))
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Este enlace ya no sirve")
    axe(page)
    page.get_by_role("button", name="Envíenme otro enlace").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mire su correo")
    axe(page)


def test_bill_is_paid_by_its_link_with_one_press(
    open_page: Callable[..., Page], rosa: Any, door: dict[str, Any], linden: UUID, olu: Actor, ben: Actor, axe: Axe
) -> None:
    from stead.billing import ledger
    from stead.billing.actions import make_statement, settle_payment, vault_card
    from stead.billing.models import Payment
    from stead.billing.ports import ChargeOutcome
    from stead.billing.terms import Account, CardToken, Posting, Side
    from stead.platform.tenancy.context import acting

    with clients.outside(), acting(linden, ben):
        sides = (Side(Account("patient", rosa.id), 4550, rosa.id), Side(Account("revenue"), -4550, rosa.id))
        ledger.post(
            Posting("story", "charge", date(2026, 11, 20), sides, patient_id=rosa.id), by=ben, at=door["at"]
        )  # fmt: skip
        make_statement(**door, patient_id=rosa.id, base_url="https://linden.example.test/")
        link = path_in("statement_ready")
    page = open_page(**PHONE)
    page.goto(link)
    expect(page.get_by_role("button", name="Pagar $45.50 con esta tarjeta")).to_be_visible()
    axe(page)
    with clients.outside(), acting(linden, ben):
        vault_card(**door, patient_id=rosa.id, card=CardToken("tok_ok_kept", "Visa", "4242", 8, 2029))
    page.reload()
    axe(page)
    page.get_by_role("button", name="Pagar $45.50 con Visa 4242").click()
    expect(page.get_by_role("status")).to_contain_text("Su pago de $45.50 está en camino")
    axe(page)

    def answer(*, paid: bool) -> None:
        with clients.outside(), acting(linden, ben):
            row = Payment.objects.get(state="started")
            said = ChargeOutcome(paid, "ch_1", "" if paid else "The card has expired.")
            settle_payment(**door, payment_id=row.id, outcome=said)

    answer(paid=False)
    expect(page.get_by_role("status")).to_contain_text("No se cobró nada a su tarjeta.")
    axe(page)
    page.get_by_text("Pagar con otra tarjeta").click()
    page.get_by_label("Número de la tarjeta").fill("5555 5555 5555 4444")
    page.get_by_label("Válida hasta").fill("08/29")
    page.get_by_role("button", name="Pagar $45.50 con esta tarjeta").click()
    expect(page.get_by_role("status")).to_contain_text("está en camino")
    answer(paid=True)
    expect(page.get_by_role("status")).to_contain_text("Usted pagó $45.50")
    axe(page)
