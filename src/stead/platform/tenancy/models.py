"""The three declared classes of table, and the foreign key that cannot cross practices.

Every model says which class it is by its base: TenantModel (rows of one practice), ReferenceModel (the same for all) or
DirectoryModel (accounts and the list of practices). `catalogue.py` reads these classes and gives each table its
policies, grants, composite keys and triggers; nothing of that is written by hand in a migration.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self
from uuid import UUID

from django.db import models

from stead.platform.identifiers import new_id
from stead.platform.tenancy import context

Writes = Literal["insert", "insert update", "insert update delete", "none"]
PortalView = Literal["own", "self", "all", "none"]


class TenantQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows of the practice in force. The filter is redundant to row-level security on purpose: with the practice named
    as a constant the policy is checked once per query instead of once per row (references/scale-out.md, rule 5)."""

    def get_or_none(self, **lookups: Any) -> M | None:
        return self.filter(**lookups).first()


class TenantManager[M: models.Model](models.Manager[M]):
    def get_queryset(self) -> TenantQuerySet[M]:
        return TenantQuerySet[M](self.model, using=self._db).filter(practice_id=context.practice_id())

    def get_or_none(self, **lookups: Any) -> M | None:
        return self.get_queryset().get_or_none(**lookups)


class TenantModel(models.Model):
    """A row of one practice: primary key (practice_id, id), id a UUID version 7."""

    pk = models.CompositePrimaryKey("practice_id", "id")
    practice_id = models.UUIDField(default=context.practice_id, editable=False)
    id = models.UUIDField(default=new_id, editable=False)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    writes: ClassVar[Writes] = "insert update"
    """What the application roles may do besides reading. "insert" makes the table append-only, by grant and trigger."""
    portal_inserts: ClassVar[bool] = False
    """Whether the portal role may add rows in the patient's own name (`actor_id`): the access log, nothing else."""
    portal: ClassVar[PortalView] = "none"
    """What the portal role may read: rows whose patient_id is the signed-in patient ("own"), the patient's own row
    ("self"), every row of the practice ("all": locations, services), or nothing."""

    class Meta:
        abstract = True
        base_manager_name = "objects"


class ReferenceModel(models.Model):
    """A row that is the same in every practice (holidays, codes); written only by migrations and importers."""

    class Meta:
        abstract = True


class DirectoryModel(models.Model):
    """A row above the practices: accounts, sign-in, the list of practices. `app_reads` lists it for the app role."""

    app_reads: ClassVar[bool] = False

    class Meta:
        abstract = True


class TenantForeignKey(models.ForeignObject):  # type: ignore[type-arg]  # not subscriptable at run time
    """A foreign key with the practice on both sides. The database constraint is made by `catalogue.py`; on deletion the
    database refuses or cascades, Django does nothing."""

    def __init__(
        self,
        to: Any,
        on_delete: Any = models.DO_NOTHING,
        from_fields: Any = (),
        to_fields: Any = ("practice_id", "id"),
        *,
        cascades: bool = False,
        **kwargs: Any,
    ) -> None:
        self.cascades = cascades
        super().__init__(to, on_delete, from_fields=from_fields, to_fields=to_fields, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.cascades:
            kwargs["cascades"] = True
        return name, path, args, kwargs


def tenant_fk(
    to: Any,
    column: str,
    *,
    related_name: str = "+",
    cascades: bool = False,
    null: bool = False,
    same: tuple[str, ...] = (),
) -> Any:
    """Declare the link of `column` (a UUIDField beside it) to a tenant model. `same` names columns that both rows must
    hold alike, such as the patient; the target then has a unique constraint on practice_id, id and those columns.

    >>> patient_id = models.UUIDField()
    >>> patient: ForeignObject[Any, Patient] = tenant_fk("patients.Patient", "patient_id")
    """
    return TenantForeignKey(
        to,
        from_fields=("practice_id", column, *same),
        to_fields=("practice_id", "id", *same),
        related_name=related_name,
        cascades=cascades,
        null=null,
    )


def id_of(row: TenantModel | UUID) -> UUID:
    return row if isinstance(row, UUID) else row.id
