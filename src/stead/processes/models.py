"""Playbooks and what runs by them: cases, items asked for, tasks, timers; gates and their overrides."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import ForeignObject, Q

from stead.platform.tenancy.models import PortalView, TenantModel, Writes, tenant_fk


class Playbook(TenantModel):
    """A documented process: the text people read and the rules that run are one document."""

    key = models.CharField(max_length=60)
    name = models.CharField(max_length=120)

    class Meta(TenantModel.Meta):
        db_table = "playbook"
        constraints = [models.UniqueConstraint(fields=["practice_id", "key"], name="playbook_key_once")]


class PlaybookVersion(TenantModel):
    """One version. `source` is the YAML that people write, `document` the checked form that runs."""

    playbook_id = models.UUIDField()
    playbook: ForeignObject[Any, Playbook] = tenant_fk("processes.Playbook", "playbook_id", related_name="versions")
    number = models.IntegerField()
    state = models.CharField(
        max_length=10, choices=[("draft", "draft"), ("published", "published"), ("retired", "retired")]
    )
    source = models.TextField()
    document = models.JSONField()
    published_at = models.DateTimeField(null=True)
    published_by_id = models.UUIDField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "playbook_version"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "playbook_id", "number"], name="playbook_version_once"),
            models.UniqueConstraint(
                fields=["practice_id", "playbook_id"], condition=Q(state="published"), name="playbook_one_published"
            ),
        ]


class Gate(TenantModel):
    """A rule of the practice asked by an action. `clauses` is a list of {id, words, expression, seat, fix}; where
    `applies_when` (an expression) is false the gate is silent."""

    key = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    action = models.CharField(max_length=60)
    mode = models.CharField(max_length=8, choices=[("enforce", "enforce"), ("warn", "warn"), ("watch", "watch")])
    applies_when = models.TextField(default="")
    clauses = models.JSONField()
    not_overridable = ArrayField(models.CharField(max_length=40), default=list)
    playbook_key = models.CharField(max_length=60, default="")
    retired_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "gate"
        constraints = [models.UniqueConstraint(fields=["practice_id", "key"], name="gate_key_once")]
        indexes = [models.Index(fields=["practice_id", "action"], name="gate_action")]


class GateOverride(TenantModel):
    """Somebody let clauses of a gate pass for one subject, with a reason and an end."""

    writes: ClassVar[Writes] = "insert"

    gate_id = models.UUIDField()
    gate: ForeignObject[Any, Gate] = tenant_fk("processes.Gate", "gate_id", related_name="overrides")
    clause_ids = ArrayField(models.CharField(max_length=40))
    patient_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=200)
    reason = models.CharField(max_length=1000)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "gate_override"
        indexes = [
            models.Index(fields=["practice_id", "gate_id", "patient_id", "expires_at"], name="gate_override_living")
        ]


class CaseNumber(TenantModel):
    """The last case number given out; one row per practice, id = practice_id."""

    last = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        db_table = "case_number"


class Case(TenantModel):
    """One run of a playbook for one subject. `owner_staff_id` None is "No one", shown, never dropped. While the case
    waits on somebody else its clock stands: `due_at` is empty and `clock_left_seconds` holds the business time left.
    A case with an `alert` stands before all others; `alert_by` is its own limit on the clock, day and night."""

    portal: ClassVar[PortalView] = "own"

    number = models.BigIntegerField()
    version_id = models.UUIDField()
    version: ForeignObject[Any, PlaybookVersion] = tenant_fk("processes.PlaybookVersion", "version_id")
    playbook_key = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    patient_id = models.UUIDField(null=True)
    patient: ForeignObject[Any, Any] = tenant_fk("patients.Patient", "patient_id", null=True, related_name="cases")
    location_id = models.UUIDField(null=True)
    title = models.CharField(max_length=200)
    stage_key = models.CharField(max_length=40)
    stage_entered_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    clock_left_seconds = models.BigIntegerField(null=True)
    waiting_on = models.CharField(
        max_length=10,
        default="us",
        choices=[("us", "us"), ("patient", "patient"), ("payer", "payer"), ("other", "other")],
    )
    owner_seat_key = models.CharField(max_length=60)
    owner_staff_id = models.UUIDField(null=True)
    owner_staff: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "owner_staff_id", null=True)
    owner_reason = models.CharField(max_length=200, default="")
    held_up_cents = models.BigIntegerField(default=0)
    alert = models.CharField(
        max_length=8, default="", choices=[("", "none"), ("urgent", "urgent"), ("crisis", "crisis")]
    )
    alert_by = models.DateTimeField(null=True)
    state = models.CharField(max_length=6, default="open", choices=[("open", "open"), ("closed", "closed")])
    close_code = models.CharField(max_length=30, default="")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    version_no = models.IntegerField(default=1)

    class Meta(TenantModel.Meta):
        db_table = "case_run"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "number"], name="case_number_once"),
            models.UniqueConstraint(
                fields=["practice_id", "playbook_key", "subject_id"], condition=Q(state="open"), name="case_one_open"
            ),
            models.CheckConstraint(condition=Q(state="open") | ~Q(close_code=""), name="case_closed_with_code"),
            models.CheckConstraint(condition=~Q(alert="") | Q(alert_by=None), name="case_limit_with_alert"),
        ]
        indexes = [
            models.Index(fields=["practice_id", "state", "playbook_key", "stage_key"], name="case_board"),
            models.Index(
                fields=["practice_id", "owner_staff_id", "due_at"], name="case_owner", condition=Q(state="open")
            ),
            models.Index(fields=["practice_id", "patient_id"], name="case_patient"),
            models.Index(
                fields=["practice_id", "alert", "alert_by"], name="case_alert",
                condition=Q(state="open") & ~Q(alert=""),
            ),
        ]  # fmt: skip


class CaseItem(TenantModel):
    """Something a stage needs: a document, an answer, a check; asked, received, then accepted or returned. Its file is
    the same patient's, by its key."""

    portal: ClassVar[PortalView] = "own"

    case_id = models.UUIDField()
    case: ForeignObject[Any, Case] = tenant_fk("processes.Case", "case_id", related_name="items", cascades=True)
    patient_id = models.UUIDField(null=True)
    stage_key = models.CharField(max_length=40)
    key = models.CharField(max_length=60)
    kind = models.CharField(
        max_length=10,
        choices=[("document", "document"), ("field", "field"), ("check", "check"), ("signature", "signature")],
    )
    words = models.CharField(max_length=200)
    required = models.BooleanField(default=True)
    asked_of = models.CharField(max_length=10, default="us")
    state = models.CharField(
        max_length=10,
        default="open",
        choices=[
            ("open", "open"),
            ("asked", "asked"),
            ("received", "received"),
            ("accepted", "accepted"),
            ("returned", "returned"),
            ("waived", "waived"),
        ],
    )
    value = models.JSONField(null=True)
    file_id = models.UUIDField(null=True)
    file: ForeignObject[Any, Any] = tenant_fk("platform.StoredFile", "file_id", null=True, same=("patient_id",))
    return_reason = models.CharField(max_length=30, default="")
    asked_at = models.DateTimeField(null=True)
    asked_times = models.IntegerField(default=0)
    received_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.CharField(max_length=200, default="")

    class Meta(TenantModel.Meta):
        db_table = "case_item"
        constraints = [models.UniqueConstraint(fields=["practice_id", "case_id", "key"], name="case_item_once")]


class Task(TenantModel):
    """Something one person does, of a case or alone. `key` makes the same automation create it once."""

    case_id = models.UUIDField(null=True)
    case: ForeignObject[Any, Case] = tenant_fk("processes.Case", "case_id", related_name="tasks", null=True)
    patient_id = models.UUIDField(null=True)
    key = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=300, default="")
    seat_key = models.CharField(max_length=60, default="")
    staff_id = models.UUIDField(null=True)
    staff: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "staff_id", null=True)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, default="open", choices=[("open", "open"), ("done", "done"), ("cancelled", "cancelled")]
    )
    ended_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=200, default="")
    note = models.CharField(max_length=1000, default="")

    class Meta(TenantModel.Meta):
        db_table = "task"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "key"], condition=Q(state="open"), name="task_open_once")
        ]
        indexes = [
            models.Index(fields=["practice_id", "staff_id", "due_at"], name="task_inbox", condition=Q(state="open")),
            models.Index(fields=["practice_id", "case_id"], name="task_case"),
            models.Index(fields=["practice_id", "ended_at"], name="task_ended"),
        ]


class Timer(TenantModel):
    """Something that happens by itself at an instant unless the awaited thing arrives first."""

    case_id = models.UUIDField()
    case: ForeignObject[Any, Case] = tenant_fk("processes.Case", "case_id", related_name="timers", cascades=True)
    key = models.CharField(max_length=100)
    act = models.CharField(
        max_length=12, choices=[("remind", "remind"), ("escalate", "escalate"), ("close", "close"), ("task", "task")]
    )
    data = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=10,
        default="pending",
        choices=[("pending", "pending"), ("fired", "fired"), ("cancelled", "cancelled")],
    )
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "timer"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "case_id", "key"], condition=Q(state="pending"), name="timer_pending_once"
            )
        ]
        indexes = [models.Index(fields=["practice_id", "due_at"], name="timer_due", condition=Q(state="pending"))]
