"""The same day as in test_one_day, walked through the pages: pressed, typed and tapped by the people whose work it is.

The web server lives in this process under the story's clock; payer, card processor and mail server are the sandboxes.
Each page that is passed is judged by axe, in light and in dark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect

from stead.billing import ports
from stead.billing.actions import vault_card
from stead.billing.models import Claim, LedgerEntry, Payment
from stead.billing.queries import balance_of
from stead.config.ruler.hand import PHONE, WIDE
from stead.config.ruler.serving import DrivenServer
from stead.coverage.models import Coverage, EligibilityCheck
from stead.exchange.models import Interchange
from stead.forms.actions import sign_agreement
from stead.intake.models import IntakeRequest
from stead.operating.models import Todo
from stead.patients.actions import register_patient
from stead.patients.models import Patient
from stead.patients.terms import PatientDetails
from stead.platform import actors, clock
from stead.platform.actors import Actor
from stead.practice.models import Location
from stead.processes.models import Case, CaseItem
from stead.scheduling.free import rebuild_free_days
from stead.scheduling.models import Appointment
from stead.simulation.cards import SandboxCards
from stead.simulation.demo.structure import found, vacate_desk
from stead.simulation.mail_sink import MailSink, mails
from stead.testing import clients
from stead.testing.browser import Axe
from stead.testing.cast import NOON

from .test_one_day import PNG, PROMPT, Practice, SandboxPayer, the_case, visit_is_held

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

PHOTO = {"name": "card.png", "mimeType": "image/png", "buffer": PNG}
FIND = "Name, telephone, birth date or number"


class Walk(Practice):
    """The practice of the story with a browser for each person."""

    found: list[str]
    address: str
    browser: Browser
    judge: Axe

    def page(self, name: str, path: str = "/") -> Page:
        """Open a page as a member of staff, signed in anew, because the clock jumps further than a session lasts."""
        staff = self.made.staff[name]
        actor = Actor(id=staff.id, kind="staff", name=staff.name, roles=frozenset(staff.roles))
        page = self._opened(WIDE, clients.session_of(clients.enter_person(self.row, actor)))
        page.goto(path)
        return page

    def phone(self, path: str, patient: Patient | None = None) -> Page:
        key = ""
        if patient is not None:
            actor = Actor(id=patient.id, kind="patient", name="Dee Marsh", roles=frozenset({"patient"}))
            key = clients.session_of(clients.enter_person(self.row, actor, kind="patient"))
        page = self._opened(PHONE, key)
        page.goto(path)
        return page

    def axe(self, page: Page) -> None:
        """Judge the page; what is found is told at the end of the day, all of it."""
        try:
            self.judge(page)
        except AssertionError as finding:
            self.found.append(str(finding).split("assert not")[0])

    def _opened(self, screen: dict[str, Any], key: str) -> Page:
        context = self.browser.new_context(base_url=self.address, locale="en-US", **screen)
        context.set_default_timeout(10_000)
        if key:
            context.add_cookies([{"name": "sessionid", "value": key, "url": self.address}])
        return context.new_page()

    @contextmanager
    def at_moment(self, at: datetime) -> Iterator[None]:
        """Let the server and this test live at one moment."""
        self.at = at
        with clock.driven(at):
            yield


@pytest.fixture
def walk(
    linden: UUID, practice_row: Any, tmp_path: Path, settings: Any, monkeypatch: Any, browser: Browser, axe: Axe
) -> Iterator[Walk]:
    settings.STATE, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE = tmp_path, False, False
    here = Walk(linden, practice_row, tmp_path, NOON)
    here.browser, here.judge, here.found = browser, axe, []
    here.payer = SandboxPayer(tmp_path / "mailboxes" / str(linden), pace=PROMPT)
    with MailSink(tmp_path / "mail", port=0) as sink, DrivenServer(lambda: here.at) as server:
        here.address = server.address
        monkeypatch.setenv("STEAD_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("STEAD_SMTP_PORT", str(sink.port))
        monkeypatch.setattr(ports, "_provide", [lambda: SandboxCards(tmp_path / "cards")])
        with clock.driven(NOON - timedelta(days=2)), here.acting():
            here.made = found(linden, clock.now(), NOON.date())
            days = (NOON.date() - timedelta(days=1), NOON.date() + timedelta(days=21))
            rebuild_free_days([p.id for p in here.made.practitioners], *days)
        yield here
        for context in browser.contexts:
            context.close()


def asks_for_care_on_a_phone(walk: Walk) -> Patient:
    page = walk.phone(reverse("intake_ask", args=[walk.row.slug]))
    walk.axe(page)
    page.locator("[name=safety][value=no]").check()
    for name, text in (("need", "I cannot sleep."), ("first_name", "Dee"), ("last_name", "Marsh"),
                       ("birth_date", "1991-03-14"), ("phone", "502 555 0143"), ("email", "dee@example.test"),
                       ("payer_words", "Bluegrass Mutual")):  # fmt: skip
        page.locator(f"[name={name}]").fill(text)
    for name in ("may_text", "may_email", "may_call"):
        page.locator(f"[name={name}]").check()
    page.locator("[name=visit_state]").select_option("KY")
    page.locator("[name=pays][value=plan]").check()
    walk.at += timedelta(minutes=3)
    page.get_by_role("button", name="Send my request").tap()
    expect(page.get_by_role("heading", name="We have your request")).to_be_visible()
    walk.axe(page)
    walk.work()
    with walk.acting():
        assert IntakeRequest.objects.count() == 1
        return Patient.objects.get(last_name="Marsh")


def is_in_the_queue_and_invited(walk: Walk, dee: Patient) -> str:
    """Priya sees the case with its clock, calls, and sends the link; returns the link of the mail."""
    page = walk.page("Priya Nair", reverse("intake_queue"))
    row = page.locator("tr", has_text="Dee Marsh")
    expect(row).to_contain_text("step 1 of 6")
    expect(row).to_contain_text("left")
    expect(row).to_contain_text("Priya Nair")
    walk.axe(page)
    row.get_by_role("link", name="Open the case").click()
    ticked(page, "request_read", "safety_asked", "duplicate_checked")
    walk.axe(page)
    with walk.acting():
        asked = IntakeRequest.objects.get()
    page.goto(reverse("intake_request", args=[asked.id]))
    expect(page.locator("blockquote")).to_contain_text("I cannot sleep.")
    page.get_by_role("button", name=re.compile("E-mail a .*link")).click()
    expect(page.locator("#invite")).to_contain_text("dee@example.test")
    walk.work()
    bodies = [part_text(m) for m in mails(walk.state / "mail") if "dee@example.test" in str(m["To"])]
    links = [link for body in bodies for link in re.findall(r"https?://\S+/enter/\S+?/(?=\s|$)", body)]
    assert links, "the invitation went out by SMTP"
    return links[-1]


def part_text(message: Any) -> str:
    part = message.get_body(("plain",)) if hasattr(message, "get_body") else message
    return (
        str(part.get_payload(decode=True).decode())
        if not message.is_multipart()
        else "\n".join(
            str(p.get_payload(decode=True).decode()) for p in message.walk() if p.get_content_type() == "text/plain"
        )
    )


def ticked(page: Page, *keys: str) -> None:
    """Accept items on the case page, as the person whose step it is."""
    for key in keys:
        form = page.locator(f"form[action$='/{key}/accept/']")
        form.get_by_role("button").click()
        expect(form).to_have_count(0)


def is_refused(walk: Walk) -> None:
    """Ana tries to book: every reason, its owner and a button stand there, and nothing is booked."""
    page = walk.page("Ana Ruiz", reverse("calendar_today"))
    walk.axe(page)
    chosen(page, "marsh", "Dee Marsh")
    page.locator("#desk button.main", has_text="Book").click()
    refusal = page.locator("#refusal")
    expect(refusal).to_contain_text("Not booked.")
    agreement = refusal.locator("tr.open", has_text="The financial agreement is signed")
    expect(agreement).to_contain_text("Priya Nair")
    for row in refusal.locator("tr.open").all():
        expect(row.locator("td").nth(2)).not_to_be_empty()
    walk.axe(page)
    mend = agreement.locator(".fixes button, .fixes a").first
    expect(mend).to_be_visible()
    mend.click()
    page.wait_for_load_state()
    expect(page.locator("h1, h2").first).to_be_attached()
    with walk.acting():
        assert not Appointment.objects.exists()


def chosen(page: Page, text: str, name: str) -> None:
    page.get_by_role("link", name="Book a visit").click()
    page.get_by_label(FIND).press_sequentially(text)
    page.get_by_role("link", name=f"Choose {name}").click()
    expect(page.locator("#desk button.main", has_text="Book")).to_be_visible()


def enters_signs_and_adds_a_card(walk: Walk, link: str) -> None:
    page = walk.phone("/" + link.split("/", 3)[3])
    walk.axe(page)
    page.locator("[name=birth_date]").fill("1991-03-14")
    page.get_by_role("button", name="Go on").tap()
    page.wait_for_url("**/portal/papers/")  # the first paper has come into the place of the question
    walk.axe(page)
    page.locator("[name=read]").check()
    page.get_by_role("button", name="Sign", exact=True).tap()
    page.wait_for_url("**/portal/card/")
    walk.axe(page)
    page.locator("[data-card=number]").fill("4242 4242 4242 4242")
    page.locator("[data-card=ends]").fill("12/30")
    page.get_by_role("button", name="Add this card").tap()
    page.wait_for_url("**/portal/")
    walk.work()
    page.wait_for_url("**/portal/items/**")  # the home goes on by itself
    page.goto(reverse("portal_home"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Step 3 of 6")
    page.goto(reverse("portal_insurance"))
    page.locator("[name=payer]").select_option(label="Bluegrass Mutual")
    page.locator("[name=member_id]").fill("BGM4471209382")
    page.locator("[name=group_number]").fill("70118")
    page.get_by_role("button", name="Save my insurance").tap()
    page.wait_for_url("**/portal/items/**")
    page.goto(reverse("portal_insurance"))
    expect(page.get_by_role("heading", level=1)).to_have_text("We have it")
    expect(page.locator("main")).not_to_contain_text("BGM4471209382")  # a link gives what is asked and reads nothing
    with walk.acting():
        assert Coverage.objects.get().member_id == "BGM4471209382"
    walk.axe(page)
    sends_photos(walk, page)


def sends_photos(walk: Walk, page: Page) -> None:
    with walk.acting():
        asked = list(CaseItem.objects.filter(kind="document", required=True).values_list("id", flat=True))
    assert len(asked) == 3
    page.goto(reverse("portal_item", args=[asked[0]]))
    walk.axe(page)
    for name in ("photo", "photo_2", "photo_3"):
        page.locator(f"[name={name}]").set_input_files(PHOTO)
    page.get_by_role("button", name="Send the photos").tap()
    page.wait_for_url("**/portal/address/")
    walk.axe(page)
    for name, text in (("line1", "214 Linden Street"), ("city", "Louisville"), ("zip_code", "40202")):
        page.locator(f"[name={name}]").fill(text)
    state = page.locator("[name=state]")
    (state.select_option if state.evaluate("e => e.tagName") == "SELECT" else state.fill)("KY")
    page.locator("main form button.main").tap()
    page.wait_for_url("**/portal/")
    walk.work()
    page.goto(reverse("portal_home"))
    expect(page.locator("main")).to_contain_text("our turn")


def is_verified_and_asked(walk: Walk, dee: Patient) -> None:
    """Priya accepts the photos and compares the card; Joyce asks the payer, whose answer comes by the mailbox."""
    page = walk.page("Priya Nair", reverse("intake_documents"))
    walk.axe(page)
    with walk.acting():
        waiting = list(CaseItem.objects.filter(kind="document", state="received").values_list("id", flat=True))
        coverage = Coverage.objects.get()
    for item in waiting:
        page.goto(reverse("intake_document", args=[item]))
        page.get_by_role("button", name="Accept it").click()
        page.wait_for_load_state()
    page.goto(reverse("coverage_policy", args=[coverage.id]))
    page.get_by_role("button", name="The card says the same").click()
    page.wait_for_load_state()
    page.goto(reverse("processes_case", args=[the_case(walk, dee).id]))
    ticked(page, "subscriber_known", "member_number_read")
    assert the_case(walk, dee).stage_key == "eligibility"
    page = walk.page("Joyce Amadi", reverse("coverage_policy", args=[coverage.id]))
    page.get_by_role("button", name="Ask the payer").click()
    page.wait_for_load_state()
    walk.work()
    with walk.acting():
        assert EligibilityCheck.objects.get().state == "active"
        assert {"270", "271"} <= set(Interchange.objects.values_list("kind", flat=True))
        assert EligibilityCheck.objects.get().copay_cents == 3000
    page.goto(reverse("coverage_policy", args=[coverage.id]))
    expect(page.locator("main")).to_contain_text("active")
    walk.axe(page)
    page.goto(reverse("processes_case", args=[the_case(walk, dee).id]))
    ticked(page, "cost_told")
    page = walk.page("Olu Adeyemi", reverse("processes_case", args=[the_case(walk, dee).id]))
    ticked(page, "practitioner_chosen")
    expect(page.get_by_role("heading", name="First visit booked").first).to_be_visible()


def two_desks_want_the_same_hour(walk: Walk) -> None:
    """Ana and Teo have the same time on their screens: Ana is faster, Teo is offered the next three."""
    do = {"practice": walk.id, "by": actors.system(), "at": walk.at}
    with walk.acting():
        rival = PatientDetails("Rob", "Rival", birth_date=date(1988, 5, 2), status="active", pays_self=True, state="KY")
        rob = register_patient(**do, details=rival)
        sign_agreement(**do, patient_id=rob.id, kind="financial_agreement", signed_name="Rob Rival")
        dee = Patient.objects.get(last_name="Marsh")
        for kind in ("consent_treatment", "privacy_notice"):
            sign_agreement(**do, patient_id=dee.id, kind=kind, signed_name="Dee Marsh")
        kept = ports.processor().vault(number="5555555555554444", expires_month=12, expires_year=2030, key="rob")
        vault_card(**do, patient_id=rob.id, card=kept)
        # Both live near Linden Street. Without a place on the record the first time may be at New Albany, whose missing
        # NPI would then deny both claims of the day instead of the one.
        Patient.objects.update(home_location_id=walk.made.locations[0].id)
    ana, teo = (walk.page(name, reverse("calendar_today")) for name in ("Ana Ruiz", "Teo Lindqvist"))
    chosen(ana, "marsh", "Dee Marsh")
    chosen(teo, "rival", "Rob Rival")
    when = taken(ana).inner_text()
    assert taken(teo).inner_text() == when, "both see the same time first"
    ana.locator("#desk button.main", has_text="Book").click()
    expect(ana.locator("#desk .receipt")).to_contain_text("Booked")
    teo.locator("#desk button.main", has_text="Book").click()
    refused = teo.locator("#desk .refusal")
    expect(refused).to_contain_text("This time was taken a moment ago")
    expect(teo.locator("#desk tbody tr")).to_have_count(3)
    assert when not in teo.locator("#desk tbody").inner_text()
    walk.axe(teo)


def taken(page: Page) -> Locator:
    return page.locator("#desk tbody tr").first.locator("th")


def comes_and_is_billed(walk: Walk, visit: Appointment) -> None:
    """A reminder by SMTP, the check-in at the desk, the session, the note: only then is there a claim."""
    with walk.at_moment(visit.starts_at - timedelta(minutes=30)):
        walk.work()
        told = [m for m in mails(walk.state / "mail") if "dee@example.test" in str(m["To"])]
        assert len(told) > 1, "a reminder went out by SMTP"
        # The first time that fits may be at any of the places, and a day's page shows one.
        page = walk.page("Ana Ruiz", f"{reverse('calendar_today')}?location={visit.location_id}")
        page.locator(f"#here-{visit.id}").get_by_role("button", name="Check in").first.click()
        expect(page.locator(f"#here-{visit.id}").get_by_role("button", name="Start")).to_be_visible()
        walk.axe(page)
    with walk.acting():
        visit = Appointment.objects.select_related("practitioner").get(id=visit.id)
        assert visit.status == "arrived"
    with walk.at_moment(visit.starts_at):
        page = walk.page(visit.practitioner.name, reverse("calendar_visit", args=[visit.id]))
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_role("button", name="Finish")).to_be_visible()
    with walk.at_moment(visit.ends_at):
        page = walk.page(visit.practitioner.name, reverse("calendar_visit", args=[visit.id]))
        page.get_by_role("button", name="Finish").click()
        walk.work()
        page.goto("/")
        walk.axe(page)
        with walk.acting():
            assert not Claim.objects.exists(), "no claim before the signature"
        page.get_by_role("button", name="Start the note").click()
        for area in page.locator("form#note textarea").all():
            area.fill("Sleeps four hours; agreed on a sleep plan.")
        page.get_by_label("Diagnosis").fill("F51.01")
        walk.axe(page)
        page.get_by_role("button", name="Sign the note").click()
        expect(page.locator("main")).to_contain_text(f"Signed by {visit.practitioner.name}")
        walk.axe(page)
        walk.work()
        with walk.acting():
            assert Claim.objects.count() == 1


def claims_leave(walk: Walk) -> None:
    """The address was given on a phone, so nothing holds the claims: they leave as 837P by themselves."""
    walk.work()
    with walk.acting():
        claims = list(Claim.objects.values_list("id", "state"))
        assert len(claims) == 2 and "held" not in dict(claims).values()
        assert Interchange.objects.filter(direction="out", kind="837P").exists()
    ben = walk.page("Ben Whitlock", reverse("billing_claims"))
    walk.axe(ben)
    ben.goto(reverse("billing_claim", args=[claims[0][0]]))
    expect(ben.locator("main")).to_contain_text("Marsh")
    walk.axe(ben)


def answers_come(walk: Walk) -> None:
    """999, 277CA and 835: one claim is paid, one denied, and the denial is a case with a deadline."""
    walk.work()
    ben = walk.page("Ben Whitlock", reverse("billing_denials"))
    expect(ben.locator("main")).to_contain_text("Marsh")
    expect(ben.locator("main")).to_contain_text("16")
    walk.axe(ben)
    with walk.acting():
        assert {"999", "277CA", "835"} <= set(Interchange.objects.values_list("kind", flat=True))
        case = Case.objects.get(playbook_key="denial_management", state="open")
    ben.goto(reverse("processes_case", args=[case.id]))
    expect(ben.locator(".case-facts")).to_contain_text("Limit")
    walk.axe(ben)
    ben.goto("/")
    walk.axe(ben)


def statement_and_payment(walk: Walk, dee: Patient) -> None:
    ben = walk.page("Ben Whitlock", reverse("billing_account", args=[dee.id]))
    walk.axe(ben)
    ben.locator(f"form[action='{reverse('billing_make_statement', args=[dee.id])}'] button").click()
    ben.wait_for_load_state()
    pdf = ben.request.get(ben.locator("a[href*='/statements/']").first.get_attribute("href") or "")
    assert pdf.headers["content-type"] == "application/pdf" and pdf.body()[:5] == b"%PDF-"
    walk.work()
    page = walk.phone(reverse("portal_bills"), dee)
    expect(page.get_by_role("heading", level=1)).to_contain_text("$30.00")
    walk.axe(page)
    page.get_by_role("link", name="Pay $30.00").tap()
    walk.axe(page)
    page.get_by_role("button", name="Pay this amount").tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("on its way")
    walk.work()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You paid $30.00")
    walk.axe(page)
    with walk.acting():
        assert Payment.objects.get().state == "paid"
        assert balance_of(dee.id).cents == 0
        assert sum(LedgerEntry.objects.values_list("amount_cents", flat=True)) == 0


def number_issue_meeting_todo(walk: Walk) -> None:
    """A number off target opens its rows, is raised, stands on the meeting's page and ends in one person's to-do."""
    mona = walk.page("Mona Petrakis", "/")
    walk.axe(mona)
    mona.locator("#off-denied_first a.figure").click()
    expect(mona.locator("#drill")).to_contain_text("Dee Marsh")
    walk.axe(mona)
    mona.get_by_role("button", name="Raise for the next meeting").click()
    expect(mona.locator("#drill")).to_contain_text("Raised by Mona Petrakis")
    mona.goto(reverse("rhythm_meeting"))
    issue = mona.locator("#issues tr", has_text="50")
    expect(issue).to_contain_text("Mona Petrakis")
    walk.axe(mona)
    issue.get_by_role("link", name="Settle it").click()
    mona.get_by_label("What was decided").fill("Write the location's NPI on every claim")
    mona.get_by_label("To-do").fill("Enter New Albany's NPI")
    mona.get_by_label("Who does it").select_option(label="Ben Whitlock")
    walk.axe(mona)
    mona.get_by_role("button", name="Settle it").click()
    mona.wait_for_load_state()
    mona.goto(reverse("rhythm_todos"))
    expect(mona.locator("tr", has_text="Enter New Albany's NPI")).to_contain_text("Ben Whitlock")
    walk.axe(mona)
    with walk.acting():
        assert Todo.objects.get().owner.name == "Ben Whitlock"


def chart_and_absence(walk: Walk) -> None:
    with walk.acting():
        vacate_desk(walk.id, walk.at)
    olu = walk.page("Olu Adeyemi", "/seats/")
    expect(olu.locator("main")).to_contain_text("No one")
    walk.axe(olu)
    olu.goto(reverse("seats_absence"))
    first = walk.at.date() + timedelta(days=7)
    olu.locator("[name=person]").select_option(label="Olu Adeyemi")
    olu.locator("[name=first]").fill(first.isoformat())
    olu.locator("[name=last]").fill((first + timedelta(days=4)).isoformat())
    olu.get_by_role("button", name="Show what would stall").click()
    expect(olu.locator("#stalls tbody tr").first).to_be_visible()
    walk.axe(olu)


def test_one_day_walked_through_the_pages(walk: Walk) -> None:
    with walk.at_moment(NOON):
        dee = asks_for_care_on_a_phone(walk)
    with walk.at_moment(walk.at):
        link = is_in_the_queue_and_invited(walk, dee)
        is_refused(walk)
        enters_signs_and_adds_a_card(walk, link)
        is_verified_and_asked(walk, dee)
        two_desks_want_the_same_hour(walk)
        with walk.acting():
            visit = Appointment.objects.get(patient_id=dee.id)
        second = second_visit(walk, dee)
        with walk.acting():
            Location.objects.filter(id=walk.made.locations[1].id).update(npi="")  # the planted fault of New Albany
    comes_and_is_billed(walk, visit)
    visit_is_held(walk, second)
    with walk.at_moment(second.ends_at + timedelta(hours=1)):
        claims_leave(walk)
    with walk.at_moment(second.ends_at + timedelta(days=3)):
        answers_come(walk)
        statement_and_payment(walk, dee)
    with walk.at_moment(second.ends_at + timedelta(days=7)):  # the week has closed
        number_issue_meeting_todo(walk)
        chart_and_absence(walk)
    assert not walk.found, "\n".join(walk.found)


def second_visit(walk: Walk, dee: Patient) -> Appointment:
    """Book a second visit, at New Albany, by the same door; the pages of it are those of the first."""
    from .test_one_day import book

    page, _ = book(walk, dee, place=1, later=26 * 60)
    assert page.status_code == 200
    with walk.acting():
        return Appointment.objects.filter(patient_id=dee.id).latest("starts_at")
