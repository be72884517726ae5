"""What patients owe: the list by age, one account line by line, payments, statements."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stead.billing import actions, queries, shown
from stead.billing.days import book_day, book_zone
from stead.billing.forms import PayLinkForm, PaymentForm, WriteOffForm
from stead.billing.rules import BUCKETS
from stead.billing.terms import LINK_WAYS
from stead.patients.models import Patient
from stead.patients.queries import get_patient
from stead.platform import permissions
from stead.platform.access import log
from stead.platform.files import store
from stead.platform.files.models import StoredFile
from stead.platform.idempotency.once import FIELD, HEADER
from stead.platform.money import Money
from stead.platform.refusals import NotFound, Refusal
from stead.platform.ui import words
from stead.platform.ui.lists import Listing
from stead.platform.web.door import PageRequest, staff
from stead.platform.web.exports import csv_response, exported
from stead.platform.web.pages import staff_page
from stead.platform.web.proxy import site_address


@staff("billing.read_account")
@require_GET
@exported("billing.export")
def accounts(request: PageRequest) -> HttpResponse:
    """Who owes, by age; the columns add up."""
    found = queries.ageing(book_day(request.at))
    people = {p.id: p for p in Patient.objects.filter(id__in=[row.owner_id for row in found])}
    log.reads_all(people)
    rows = [
        {
            "url": reverse("billing_account", args=[row.owner_id]),
            "patient": shown.short_name(people[row.owner_id]),
            "patient_order": people[row.owner_id].name_key,
            "buckets": [
                (f"{name} days", str(Money(row.buckets[name])) if row.buckets[name] else "") for name in BUCKETS
            ],
            "total": str(Money(row.total)),
            "total_order": row.total,
            "is": "in credit" if row.total < 0 else "owes",
            "oldest": _oldest(row),
            "account": row,
        }
        | {name: row.buckets[name] for name in BUCKETS}
        for row in found
    ]
    listing = Listing(
        request.GET,
        rows,
        noun="account",
        sorts=("patient", *BUCKETS, "total"),
        filters={"is": "Account", "oldest": "Oldest part"},
    )
    found = [row["account"] for row in listing.rows]
    if request.GET.get("format") == "csv":
        return csv_response(
            request, "accounts", ["Patient", *(f"{name} days" for name in BUCKETS), "USD"],
            [[shown.short_name(people[r.owner_id]), *(Money(r.buckets[b]).dollars for b in BUCKETS),
              Money(r.total).dollars] for r in found],
        )  # fmt: skip
    debtors = sum(row.total > 0 for row in found)
    total = sum(row.total for row in found if row.total > 0)
    context = {
        "title": f"{words.count(debtors, 'patient', start=True)} owe{'s' if debtors == 1 else ''} {words.money(total)}."
        if total
        else "No patient owes anything.",
        "rows": listing.rows,
        "list": listing,
        "may_set_link": permissions.holds(request.by, "billing.set_pay_link"),
        "heads": [(f"{name} days", name) for name in BUCKETS],
        "sums": [str(Money(sum(r.buckets[name] for r in found))) for name in BUCKETS],
        "total": str(Money(sum(r.total for r in found))),
    }
    return staff_page(request, "billing/accounts.html", context, room="billing", tab="accounts")


def _oldest(row: queries.AgeingRow) -> str:
    """Name the age of the oldest part that is open; a credit has none."""
    return next((f"{name} days" for name in reversed(BUCKETS) if row.buckets[name] > 0), "")


@staff("billing.read_account")
@require_GET
def account(request: PageRequest, patient_id: UUID) -> HttpResponse:
    return account_page(request, get_patient(patient_id), WriteOffForm())


def account_page(request: PageRequest, patient: Patient, form: WriteOffForm, status: int = 200) -> HttpResponse:
    log.reads(patient.id)
    lines, zone = queries.account_lines(patient.id), book_zone()
    balance = queries.balance_of(patient.id)
    context: dict[str, Any] = {
        "patient": shown.full_name(patient),
        "title": _title(shown.full_name(patient), balance),
        "lines": [_line(line, zone) | {"back_url": _back_url(request, line)} for line in lines],
        "balance": str(balance),
        "owes": balance.cents > 0,
        "pay_url": reverse("billing_take_payment", args=[patient.id]),
        "statement_url": reverse("billing_make_statement", args=[patient.id]),
        "write_off_url": reverse("billing_write_off_account", args=[patient.id]),
        "card_url": reverse("billing_card", args=[patient.id]),
        "may_vault": permissions.holds(request.by, "billing.vault_card"),
        "may_state": permissions.holds(request.by, "billing.statement"),
        "form": form if balance.cents > 0 and permissions.holds(request.by, "billing.write_off") else None,
        "statements": [_statement(s) for s in queries.statements_of(patient.id)],
        "not_written": shown.not_written(patient),
        "payments": [_payment(p) for p in queries.payments_of(patient.id)[:20]],
        "cards": [shown.card(c) for c in queries.cards_of(patient.id)],
    }
    return staff_page(request, "billing/account.html", context, room="billing", tab="accounts", status=status)


def _title(name: str, balance: Money) -> str:
    if balance.cents > 0:
        return f"{name} owes {balance}."
    return f"{name} has {Money(-balance.cents)} to their credit." if balance.cents else f"{name} owes nothing."


def _line(line: Any, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": line.transaction_id,
        "day": words.day(line.on, year=True),
        "posted": words.day(line.at.astimezone(zone).date(), year=True),
        "words": line.words,
        "by": line.by_name,
        "reversed": line.reversed,
        "change": str(Money(line.change_cents)) if line.change_cents else "",
        "payer": str(Money(line.payer_change_cents)) if line.payer_change_cents else "",
        "balance": str(Money(line.balance_cents)),
        "url": reverse("billing_claim", args=[line.claim_id]) if line.claim_id else "",
    }


def _back_url(request: PageRequest, line: Any) -> str:
    """Where a posting of ours is taken back: a charge by voiding it, the rest by its mirror image."""
    if line.reversed or not permissions.holds(request.by, "billing.reverse"):
        return ""
    if line.kind == "charge" and line.charge_id:
        return reverse("billing_void_charge", args=[line.charge_id])
    may = line.kind in ("write_off", "to_patient")
    return reverse("billing_take_back", args=[line.transaction_id]) if may else ""


def _statement(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "made": words.day(row.as_of_date, year=True),
        "due": words.day(row.due_date, year=True),
        "total": str(Money(row.total_cents)),
        "sent": shown.moment(row.sent_at) if row.sent_at else "",
        "url": reverse("billing_statement", args=[row.id]) if row.file_id else "",
        "tell_url": reverse("billing_tell", args=[row.id]),
    }


def _payment(row: Any) -> dict[str, Any]:
    mark, word = {
        "started": ("waiting", "being taken"),
        "paid": ("met", "paid"),
        "declined": ("refused", "declined"),
        "void": ("cancelled", "void"),
    }[row.state]
    return {
        "when": shown.moment(row.started_at),
        "amount": str(Money(row.amount_cents)),
        "method": row.method,
        "mark": mark,
        "word": word,
        "why": row.declined_because,
        "url": reverse("billing_payment", args=[row.id]),
    }


def _refund(row: Any) -> dict[str, Any]:
    mark, word = {
        "started": ("waiting", "on its way back"),
        "paid": ("met", "given back"),
        "declined": ("refused", "declined"),
    }[row.state]
    return {
        "when": shown.moment(row.started_at),
        "method": row.method.capitalize(),
        "reason": row.reason,
        "by": row.by_name,
        "mark": mark,
        "word": word,
        "why": row.declined_because,
        "amount": str(Money(row.amount_cents)),
    }


def _refund_url(request: PageRequest, row: Any) -> str:
    may = row.state == "paid" and permissions.holds(request.by, "billing.refund")
    return reverse("billing_refund", args=[row.id]) if may else ""


@staff("billing.take_payment")
@require_http_methods(["GET", "POST"])
def take(request: PageRequest, patient_id: UUID) -> HttpResponse:
    """Take a payment: what is owed and the kept card are filled in; one press takes it."""
    patient = get_patient(patient_id)
    methods = [(f"card:{c.id}", shown.card(c)) for c in queries.cards_of(patient_id)]
    methods += [("cash", "Cash"), ("check", "Check")]
    balance = queries.balance_of(patient_id)
    if request.method == "GET":
        owed = f"{balance.dollars:.2f}" if balance.cents > 0 else ""
        form = PaymentForm(methods, initial={"amount": owed, "method": methods[0][0]})
        return _take_page(request, patient, form, balance)
    form = PaymentForm(methods, request.POST)
    if not form.is_valid():
        return _take_page(request, patient, form, balance, status=422)
    method, _, card = form.cleaned_data["method"].partition(":")
    try:
        row = actions.take_payment(
            practice=request.practice.id,
            by=request.by,
            at=request.at,
            patient_id=patient_id,
            amount=form.cleaned_data["amount"],
            method=method,
            card_id=UUID(card) if card else None,
            appointment_id=form.cleaned_data["appointment"],
            key=f"desk:{request.headers.get(HEADER) or request.POST[FIELD]}"[:120],
        )
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return _take_page(request, patient, form, balance, status=refusal.status)
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, None) else reverse("billing_payment", args=[row.id]))


def _take_page(
    request: PageRequest, patient: Patient, form: PaymentForm, balance: Money, status: int = 200
) -> HttpResponse:
    log.reads(patient.id)
    zone = book_zone()
    owed = [line for line in queries.account_lines(patient.id) if line.change_cents]
    context = {
        "patient": shown.full_name(patient),
        "title": _title(shown.full_name(patient), balance),
        "form": form,
        "split": [_line(line, zone) for line in owed[-6:]],
        "balance": str(balance),
        "account_url": reverse("billing_account", args=[patient.id]),
    }
    return staff_page(request, "billing/take.html", context, room="billing", tab="accounts", status=status)


@staff("billing.read_account")
@require_GET
def payment(request: PageRequest, payment_id: UUID) -> HttpResponse:
    """One payment and what became of it; while the processor is asked the page looks again by itself."""
    row = queries.get_payment(payment_id)
    log.reads(row.patient_id)
    name = shown.full_name(row.patient)
    amount = Money(row.amount_cents)
    context = _payment(row) | {
        "title": {
            "started": f"Taking {amount} from {name}.",
            "paid": f"{name} paid {amount}.",
            "declined": f"{amount} was not taken from {name}.",
            "void": f"{amount} from {name} is void.",
        }[row.state],
        "state": row.state,
        "patient": name,
        "balance": str(queries.balance_of(row.patient_id)),
        "account_url": reverse("billing_account", args=[row.patient_id]),
        "again_url": reverse("billing_take_payment", args=[row.patient_id]),
        "receipt": row.processor_reference,
        "refunds": [_refund(r) for r in queries.refunds_of(row.id)],
        "refund_url": _refund_url(request, row),
        "not_written": shown.not_written(row.patient),
    }
    return staff_page(request, "billing/payment.html", context, room="billing", tab="accounts")


@staff("billing.statement")
@require_POST
def make_statement(request: PageRequest, patient_id: UUID) -> HttpResponse:
    actions.make_statement(
        practice=request.practice.id,
        by=request.by,
        at=request.at,
        patient_id=patient_id,
        base_url=site_address(request),
    )
    return redirect(reverse("billing_account", args=[patient_id]) + "#statements")


@staff("billing.statement")
@require_POST
def tell(request: PageRequest, statement_id: UUID) -> HttpResponse:
    """Send the link of a statement again."""
    row = actions.tell_of_statement(
        practice=request.practice.id,
        by=request.by,
        at=request.at,
        statement_id=statement_id,
        base_url=site_address(request),
    )
    return redirect(reverse("billing_account", args=[row.patient_id]) + "#statements")


@staff("billing.set_pay_link")
@require_http_methods(["GET", "POST"])
def pay_link(request: PageRequest) -> HttpResponse:
    """Say what the link in a statement's message may do."""
    form = PayLinkForm(request.POST if request.method == "POST" else None, initial={"way": queries.link_way()})
    if request.method == "POST" and form.is_valid():
        actions.set_pay_link(
            practice=request.practice.id, by=request.by, at=request.at, way=form.cleaned_data["way"]
        )  # fmt: skip
        return redirect("billing_pay_link")
    context = {"title": f"The link in a statement's message {LINK_WAYS[queries.link_way()]}.", "form": form}
    status = 422 if form.errors else 200
    return staff_page(request, "billing/pay_link.html", context, room="billing", tab="accounts", status=status)


@staff("billing.read_account")
@require_GET
def statement(request: PageRequest, statement_id: UUID) -> HttpResponse:
    row = queries.get_statement(statement_id)
    kept = StoredFile.objects.filter(id=row.file_id).first() if row.file_id else None
    if kept is None:
        raise NotFound()
    log.reads(row.patient_id)
    return store.response(kept)


@staff("billing.write_off")
@require_POST
def write_off(request: PageRequest, patient_id: UUID) -> HttpResponse:
    patient, form = get_patient(patient_id), WriteOffForm(request.POST)
    if not form.is_valid():
        return account_page(request, patient, form, status=422)
    try:
        actions.write_off(
            practice=request.practice.id, by=request.by, at=request.at, patient_id=patient_id, **form.cleaned_data
        )
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.words)
        return account_page(request, patient, form, status=refusal.status)
    return redirect("billing_account", patient_id)
