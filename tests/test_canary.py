"""A canary in every free text of three patients; every page read as every person; it sings only where it may.

Dee and Mara are of one practice, Eve's patient is of another. What may show where is one table, `testing.canaries`:
by kind of value, page of staff, page of the patient's own portal and API operation. Nothing of anybody is in a public
page, another practice, an error page, a redirect, the queue, the journal or the log. Two controls leak on purpose.
"""

from __future__ import annotations

import io
import logging
import logging.config
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pypdf
import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponseBase
from django.test import Client, override_settings
from django.urls import reverse

from stead.billing.models import PayLink, Statement
from stead.billing.queries import token_hash
from stead.billing.statement_pdf import StatementText, typeset
from stead.patients.models import Patient
from stead.platform import clock, permissions
from stead.platform.accounts import visits
from stead.platform.accounts.models import Membership
from stead.platform.accounts.tokens import create_token
from stead.platform.actors import STAFF_ROLES, Actor
from stead.platform.files import store
from stead.processes.models import Case, CaseItem
from stead.testing.canaries import KINDS, Canary, Flock, Planted, columns_of_rows, is_of_the_practice, kind_of, word
from stead.testing.clients import ClientAs, InPractice, SeatClient
from stead.testing.matrix import Route, all_routes

pytestmark = pytest.mark.django_db
ROUTES = [route for route in all_routes() if route.access is not None and not route.missing()]
ALSO_PLANTED = (
    "patients.RelatedPerson", "patients.PatientIdentifier", "coverage.Authorization", "care.NoteAmendment",
    "billing.PaymentCard", "billing.ClaimEvent", "processes.GateOverride", "platform.PatientAccess",
    "operating.Decision", "intake.PatientMessage",
)  # fmt: skip
TELLING = ("_encrypted", "ssn", "token", "secret", "member_id", "birth")
OUTSIDE_PRACTICES = {
    "platform.ApiToken.token_sha256",
    "platform.Totp.secret_encrypted",
    "setup.ResetRequest.email_encrypted",
    "setup.PasswordReset.token_sha256",
}
"""Secrets of accounts, which are no tenant's rows; a hash opens nothing, and the sealed secret has tests of its own."""
OWN_NAME = {"patients.Patient.first_name", "patients.Patient.last_name"}
HASHES = {"intake.PortalInvitation.token_sha256", "billing.PayLink.token_sha256", "setup.StaffInvitation.token_sha256"}


@dataclass
class Aviary:
    """Who was planted, who looks, and what each of them can rightly reach."""

    flock: Flock
    addresses: list[tuple[Route, str]]
    people: dict[str, Client]
    reach: dict[str, set[str]]
    tokens: dict[str, str] = field(default_factory=dict)


def test_every_secret_is_declared() -> None:
    found = {c for c in columns_of_rows() if any(sign in c.rpartition(".")[2] for sign in TELLING)}
    assert {c for c in found if kind_of(c) is None} - OUTSIDE_PRACTICES - HASHES == set()


def test_every_declared_column_exists() -> None:
    from django.apps import apps

    named = [c for kind in KINDS for c in kind.columns if not c.endswith("*")]
    lost = []
    for column in named:
        label, _, name = column.rpartition(".")
        if not isinstance(apps.get_model(label)._meta.get_field(name), models.Field):
            lost.append(column)
    assert lost == []


@pytest.fixture
def aviary(
    client_as: ClientAs, eve_client: SeatClient, patient_client: Callable[[Any], SeatClient], in_practice: InPractice,
    elsewhere: UUID, eve: Actor, cho: Actor, at: datetime, tmp_path: Path,
) -> Iterator[Aviary]:  # fmt: skip
    flock = Flock()
    seats: dict[str, Client] = {role: client_as(role) for role in STAFF_ROLES}
    with override_settings(STATE=tmp_path):
        with in_practice():
            dee = Planted("dee", flock, **{"practice.staffmember": _staff(cho)})
            addresses = _fill(dee, at)
        with in_practice():
            mara = _neighbour(dee, flock)
        with in_practice(eve, elsewhere):
            _fill(Planted("elsewhere", flock), at)
        ours = {"dee", "mara"}
        seats |= {"dee's own": patient_client(dee.of("patients.Patient"))}
        seats |= {"mara's own": patient_client(mara.of("patients.Patient"))}
        seats |= {"eve": eve_client, "nobody": Client()}
        reach = dict.fromkeys(seats, ours) | {"dee's own": {"dee"}, "mara's own": {"mara"}}
        reach |= {"eve": {"elsewhere"}, "nobody": set()}
        yield Aviary(flock, addresses, seats, reach, _tokens(at))


def _staff(actor: Actor) -> Any:
    from stead.practice.models import StaffMember

    return StaffMember.objects.get(id=actor.id)


def _fill(rows: Planted, at: datetime) -> list[tuple[Route, str]]:
    """Make one row of everything, a statement with its PDF among it; return the addresses that name them."""
    filled = [(route, route.filled(rows)) for route in ROUTES]
    for label in ALSO_PLANTED:
        rows.of(label)
    rows.fill_the_rest()
    statement, name = rows.of("billing.Statement"), word("patients.Patient.last_name", rows.whose)
    text = StatementText("Linden", ("",), name, ("",), 1, date(2026, 11, 24), date(2026, 12, 24), (), 0)
    kept = store.store(
        typeset(text), name="statement.pdf", purpose="statement", by=Actor(statement.id, "staff", "Ben"), at=at,
        patient_id=statement.patient_id, trusted_type="application/pdf",
    )  # fmt: skip
    type(statement).objects.filter(id=statement.id).update(file_id=kept.id)
    return filled


def _neighbour(dee: Planted, flock: Flock) -> Planted:
    """Mara shares the practice's own rows with Dee, and nothing else."""
    shared = {k: r for k, r in dee.known.items() if is_of_the_practice(f"{type(r)._meta.label}.name")}
    mara = Planted("mara", flock, **shared)
    mara.made = 500
    mara.of("patients.Patient", number=9_000_001)
    for label in ("patients.RelatedPerson", "coverage.Coverage", "scheduling.Appointment", "intake.PatientMessage"):
        mara.of(label)
    mara.of("processes.Case", **{"number": 9_000_001})
    mara.of("billing.PaymentCard")
    mara.fill_the_rest()
    return mara


def _tokens(at: datetime) -> dict[str, str]:
    """Return a token for each permission the API asks for, cut down to that one, and one that lacks only it."""
    member = Membership.objects.filter(kind="staff", roles__len__gt=1).get()
    ours = Membership.objects.filter(kind="staff").exclude(practice=member.practice)
    made = {}
    for key in sorted({r.access.permission for r in ROUTES if r.access.kind == "token"}):
        holder = next(m for m in ours if permissions.find(key).roles & set(m.roles))  # type: ignore[union-attr]
        made[key] = create_token(membership=holder, name=key, scopes=[key], at=at)[1]
        held = {p.key for p in permissions.table() if p.roles & set(holder.roles)} - {key}
        made[f"not {key}"] = create_token(membership=holder, name=key, scopes=held, at=at)[1]
    return made


def crawl(aviary: Aviary, methods: tuple[str, ...] = ("GET",)) -> tuple[list[str], set[str]]:
    """Read every address as everybody; return what sang where it may not, and the kinds that were heard at all."""
    wrong, heard = [], set[str]()
    for who, route, address, answer in _answers(aviary, methods):
        text = text_of(answer) + answer.get("Location", "") + answer.get("Content-Disposition", "")
        for canary in aviary.flock.heard(text):
            if not may_show(canary, route, who, aviary.reach):
                wrong.append(f"{canary.column} of {canary.whose} on {address} for {who} ({answer.status_code})")
            elif (kind := kind_of(canary.column)) is not None:
                heard.add(kind.name)
    return sorted(set(wrong)), heard


def _answers(aviary: Aviary, methods: tuple[str, ...]) -> Iterator[tuple[str, Route, str, Any]]:
    for route, address in aviary.addresses:
        if route.access.kind == "token":
            if route.method == "GET":
                yield from _with_tokens(aviary, route, address)
            continue
        for who, client in aviary.people.items():
            client.raise_request_exception = False
            for method in methods:
                for each, answer in _read(client, address) if method == "GET" else _sent(client, address):
                    yield who, route, each, answer


def _read(client: Client, address: str) -> Iterator[tuple[str, Any]]:
    """The page, and the same as a file where there is a page."""
    page = client.get(address)
    yield address, page
    if page.status_code == 200:
        yield f"{address}?format=csv", client.get(address, {"format": "csv"})


def _sent(client: Client, address: str) -> Iterator[tuple[str, Any]]:
    form = {"patient": "nobody", "patient_id": str(uuid4()), "day": "soon", "amount": "much"}
    with transaction.atomic():
        yield address, _posted(client, address, form)
        transaction.set_rollback(True)


def _posted(client: Client, address: str, form: dict[str, str]) -> Any:
    return Client.post(client, address, form | {"_key": str(uuid4())})


def _with_tokens(aviary: Aviary, route: Route, address: str) -> Iterator[tuple[str, Route, str, Any]]:
    for name in (route.access.permission, f"not {route.access.permission}"):
        answer = Client().get(address, headers={"Authorization": f"Bearer {aviary.tokens[name]}"})
        assert answer.status_code == 403 or not name.startswith("not "), f"{address} takes a token without its scope"
        yield "nobody" if name.startswith("not ") else "owner", route, address, answer


def may_show(canary: Canary, route: Route, who: str, reach: dict[str, set[str]]) -> bool:
    """Answer whether the table lets this value appear on this page for this person."""
    if is_of_the_practice(canary.column):
        public = route.access.kind == "public_of_practice" and canary.whose == "dee"
        return public or canary.whose in reach[who] or (who.endswith("own") and canary.whose != "elsewhere")
    if who == f"{canary.whose}'s own" and canary.column in OWN_NAME:
        return True  # a page of the staff's tells a patient as whom they are signed in, before it leads them home
    kind = kind_of(canary.column)
    if route.access.kind == "signed_in" and not who.endswith("own"):
        return False
    return kind is not None and canary.whose in reach[who] and kind.may_show(route)


def text_of(answer: Any) -> str:
    if answer.get("Content-Type", "").startswith("text/event-stream"):
        return ""  # it stays open, and has a test of its own
    body: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
    return body.decode(errors="replace")


MUST_BE_HEARD = {
    "name", "birth date", "telephone", "e-mail", "address", "member id", "text of a note", "what was asked for",
    "message of a patient", "message to a patient", "card", "signature", "case", "work of a case", "words of the team",
}  # fmt: skip
"""Without these the crawl would look at empty pages."""


def test_canaries_sing_only_where_they_may(aviary: Aviary, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong, heard = crawl(aviary)
    assert "\n".join(wrong) == ""
    assert MUST_BE_HEARD - heard == set()
    assert {c.column for c in aviary.flock.heard(caplog.text) if not is_of_the_practice(c.column)} == set()


MAY_BE_HEARD_BY_LINK = ("patients.Patient.first_name", "patients.Patient.preferred_name", "patients.Patient.last_name",
                        "processes.CaseItem.", "forms.Signature.signed_name")  # fmt: skip
"""The name to sign with, what the case asks, and the copy of what was signed."""


def _by_link(dee: Any, case_id: UUID) -> Client:
    request = HttpRequest()
    request.session = SessionStore()
    practice = Membership.objects.select_related("practice").filter(kind="patient", person_id=dee.id).get().practice
    visits.begin(request, practice=practice, patient_id=dee.id, name="Dee", invitation_id=dee.id, case_id=case_id)
    request.session.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client


def test_visit_by_link_hears_what_is_asked_and_nothing_of_the_record(aviary: Aviary, in_practice: InPractice) -> None:
    """All of Dee is planted: visits, policies, cards, messages, bills. Her link opens her papers, and those alone."""
    with in_practice():
        dee = Patient.objects.exclude(number=9_000_001).get()
        item = CaseItem.objects.order_by("id")[0]
        CaseItem.objects.filter(id=item.id).update(patient_id=dee.id, asked_of="patient", state="asked")
        Case.objects.filter(id=item.case_id).update(patient_id=dee.id)
        case_id = item.case_id
        link = PayLink.objects.filter(patient_id=dee.id).first() or Planted("dee", aviary.flock).make(
            "billing.PayLink", patient_id=dee.id, statement_id=Statement.objects.filter(patient_id=dee.id)[0].id
        )  # fmt: skip
        type(link).objects.filter(id=link.id).update(
            token_sha256=token_hash("known"), expires_at=clock.now() + timedelta(days=9), ended_at=None
        )  # fmt: skip
    client, wrong, opened = _by_link(dee, case_id), [], 0
    client.raise_request_exception = False
    pay = reverse("portal_pay_link", args=["linden-street", "known"])
    pages = [(r, a) for r, a in aviary.addresses if r.access.kind in ("portal", "staff", "signed_in")]
    for route, address in [*pages, (None, pay)]:
        answer = client.get(address)
        opened += answer.status_code == 200
        allowed = MAY_BE_HEARD_BY_LINK if route else ("billing.PaymentCard.last4",)
        for canary in aviary.flock.heard(text_of(answer) + answer.get("Location", "")):
            own = canary.whose == "dee" and canary.column.startswith(allowed)
            if not own and not is_of_the_practice(canary.column):
                wrong.append(f"{canary.column} of {canary.whose} on {address} ({answer.status_code})")
    assert "\n".join(wrong) == ""
    assert opened >= 8


def test_refused_forms_say_nothing_of_anybody_else(aviary: Aviary, caplog: pytest.LogCaptureFixture) -> None:
    """Every form is sent with nonsense by everybody; the queue, the keys and the journal stay silent too."""
    caplog.set_level(logging.DEBUG)
    wrong, _ = crawl(aviary, ("POST",))
    assert "\n".join(wrong) == ""
    assert {c.column for c in aviary.flock.heard(caplog.text) if not is_of_the_practice(c.column)} == set()


def test_canary_is_in_no_job_address_or_key(aviary: Aviary, in_practice: InPractice) -> None:
    """What sent forms leave in the queue, among the keys and in the journal names nobody."""
    for route, address in aviary.addresses:
        if route.access.kind == "staff":
            _posted(aviary.people["owner"], address, {})
    left = [_all("select coalesce(string_agg(args::text || coalesce(lock, ''), ' '), '') from procrastinate_jobs")]
    with in_practice():
        left.append(_all("select coalesce(string_agg(data::text, ' '), '') from journal_entry"))
        left.append(_all("select coalesce(string_agg(location, ' '), '') from idempotency_key"))
    assert {c.column for c in aviary.flock.heard(" ".join(left)) if not is_of_the_practice(c.column)} == set()


def _all(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return str(cursor.fetchone()[0])


LINE = settings.LOGGING["formatters"]["line"].copy()
LEAKED = word("patients.Patient.last_name", "dee")


def leaky(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware of the control: put a name on one page of another room, in one address, and into the log."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path == "/seats/":
            response.content += LEAKED.encode()  # type: ignore[attr-defined]
            logging.getLogger("stead").warning("Shown: %s", LEAKED)
        if request.path == "/sign-in/":
            response["Location"] = f"/?name={LEAKED}"
        return response

    return answer


def test_planted_leak_is_found(aviary: Aviary, caplog: pytest.LogCaptureFixture) -> None:
    """The proof that the crawl can fail: a name on the page of seats, in an address, and in the log."""
    aviary.addresses = [pair for pair in aviary.addresses if pair[1] in ("/seats/", "/sign-in/")]
    with override_settings(MIDDLEWARE=[f"{__name__}.leaky", *settings.MIDDLEWARE]):
        wrong, _ = crawl(aviary)
    column = "patients.Patient.last_name of dee"
    assert f"{column} on /seats/ for owner (200)" in wrong
    assert f"{column} on /seats/ for eve (200)" in wrong
    assert f"{column} on /sign-in/ for nobody (200)" in wrong
    assert aviary.flock.heard(caplog.text) != set()


def test_fault_is_logged_and_shown_without_what_it_quotes(
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch, in_practice: InPractice
) -> None:
    """PostgreSQL's words repeat the failing row; neither the page nor the product's own log does."""
    flock = Flock()
    with in_practice():
        rows = Planted("dee", flock)
        patient = rows.of("patients.Patient")

    def break_it(*_: Any, **__: Any) -> None:
        type(patient).objects.filter(id=patient.id).update(number=None)

    monkeypatch.setattr("stead.practice.views.staff_page", break_it)
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(logging.config.DictConfigurator(settings.LOGGING).configure_formatter(LINE))  # type: ignore[no-untyped-call]
    logging.getLogger("django.request").addHandler(handler)
    client = client_as("owner")
    client.raise_request_exception = False
    with transaction.atomic():
        answer = client.get("/seats/")
        transaction.set_rollback(True)
    logging.getLogger("django.request").removeHandler(handler)
    assert answer.status_code == 500
    assert "NotNullViolation (23502)" in said.getvalue()
    assert flock.heard(said.getvalue() + text_of(answer)) == set()


def test_undeclared_column_may_show_nowhere() -> None:
    stray = Canary("patients.Patient.shoe_size", "dee", ("zq00000000",))
    assert not any(may_show(stray, route, "owner", {"owner": {"dee"}}) for route in ROUTES)


def test_no_kind_reaches_a_public_page() -> None:
    public = [r for r in ROUTES if r.access.kind in ("public", "public_of_practice")]
    assert [(k.name, r.name) for k in KINDS for r in public if k.may_show(r)] == []
