"""Measures on the scorecard, issues, meetings, to-dos and decisions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import ForeignObject, Q

from stead.platform.tenancy.models import TenantModel, Writes, tenant_fk


class MeasureSetting(TenantModel):
    """What the practice decided about a measure of the code's catalogue: on the scorecard, target, owner seat."""

    key = models.CharField(max_length=60)
    on_scorecard = models.BooleanField(default=True)
    position = models.IntegerField(default=0)
    target = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    owner_seat_key = models.CharField(max_length=60, default="")

    class Meta(TenantModel.Meta):
        db_table = "measure_setting"
        constraints = [models.UniqueConstraint(fields=["practice_id", "key"], name="measure_setting_once")]


class WeekFigure(TenantModel):
    """A measure's figure of one closed week, kept so that history is not counted again. None denominators give None.
    `events` is how often something reached back into the week, `counted_events` how many of those the figure knows;
    while they differ it is stale (see figures.py)."""

    measure_key = models.CharField(max_length=60)
    week_start_date = models.DateField()
    value = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)
    events = models.IntegerField(default=0, db_default=0)
    counted_events = models.IntegerField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "week_figure"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "measure_key", "week_start_date"], name="week_figure_once")
        ]


class Meeting(TenantModel):
    """A meeting of the rhythm; its agenda fills itself until it is held."""

    kind = models.CharField(max_length=20, default="weekly")
    starts_at = models.DateTimeField()
    chair_seat_key = models.CharField(max_length=60)
    held_at = models.DateTimeField(null=True)
    minutes = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        db_table = "meeting"
        constraints = [models.UniqueConstraint(fields=["practice_id", "kind", "starts_at"], name="meeting_once")]


class Issue(TenantModel):
    """Something to settle, with its evidence attached as it was when raised."""

    title = models.CharField(max_length=200)
    source_kind = models.CharField(max_length=20)
    source_key = models.CharField(max_length=80, default="")
    evidence = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    raised_by_name = models.CharField(max_length=200)
    meeting_id = models.UUIDField(null=True)
    meeting: ForeignObject[Any, Meeting] = tenant_fk(
        "operating.Meeting", "meeting_id", related_name="issues", null=True
    )
    state = models.CharField(
        max_length=8, default="open", choices=[("open", "open"), ("solved", "solved"), ("dropped", "dropped")]
    )
    rank = models.IntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "issue"
        constraints = [
            models.UniqueConstraint(
                fields=["practice_id", "source_kind", "source_key"],
                condition=Q(state="open") & ~Q(source_key=""),
                name="issue_open_once",
            )
        ]


class Decision(TenantModel):
    """What was decided, why, and by whom."""

    writes: ClassVar[Writes] = "insert"

    issue_id = models.UUIDField(null=True)
    issue: ForeignObject[Any, Issue] = tenant_fk("operating.Issue", "issue_id", related_name="decisions", null=True)
    what = models.CharField(max_length=500)
    why = models.CharField(max_length=1000, default="")
    decided_at = models.DateTimeField()
    by_name = models.CharField(max_length=200)

    class Meta(TenantModel.Meta):
        db_table = "decision"


class Todo(TenantModel):
    """Something one person does within seven days."""

    issue_id = models.UUIDField(null=True)
    issue: ForeignObject[Any, Issue] = tenant_fk("operating.Issue", "issue_id", related_name="todos", null=True)
    words = models.CharField(max_length=300)
    owner_id = models.UUIDField()
    owner: ForeignObject[Any, Any] = tenant_fk("practice.StaffMember", "owner_id")
    due_date = models.DateField()
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "todo"
