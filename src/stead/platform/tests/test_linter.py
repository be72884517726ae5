"""The catalogue has no hole; and each rule of the linter names a hole that is planted for it."""

from __future__ import annotations

import pytest
from django.db import connections

from stead.platform.tenancy.linter import lint

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

DEFINER = (
    "create function stead.peek() returns bigint language sql security definer set search_path = pg_catalog"
    " as 'select 1::bigint'"
)

PLANTED = [
    ("classed", "create table stray (id int)"),
    ("practice_id", "alter table effect drop constraint effect_pkey, alter practice_id drop not null"),
    ("primary_key", "alter table effect drop constraint effect_pkey"),
    ("row_security", "alter table effect no force row level security"),
    ("row_security", "alter table effect disable row level security"),
    ("row_security", "alter table journal_entry_rest no force row level security"),
    ("policy_missing", "drop policy worker on effect"),
    ("policy_missing", "drop policy app on journal_entry_rest"),
    ("policy_strange", "create policy extra on effect for select to stead_app using (true)"),
    ("policy_strange", "alter policy app on effect using (true)"),
    ("policy_strange", "alter policy app on effect to public"),
    ("policy_strange", "alter policy portal on stored_file using (practice_id = stead.practice('portal'))"),
    ("identity", "alter table effect add n bigint generated always as identity"),
    ("identity", "alter table effect add n bigserial"),
    ("key_crosses", "alter table room add foreign key (practice_id, location_id) references location(practice_id, id)"
     " on delete restrict; create unique index on location (id, practice_id);"
     " alter table room add constraint crossing foreign key (location_id, practice_id) references location(id,"
     " practice_id) on delete restrict"),
    ("key_crosses", "create unique index location_bare on location (id); alter table room add constraint crossing"
     " foreign key (location_id) references location(id) on delete restrict"),
    ("key_direction", "alter table effect add constraint upward foreign key (practice_id) references platform_practice"
     " on delete restrict"),
    ("key_direction", "create table aside (p uuid, i uuid, foreign key (p, i) references effect(practice_id, id))"),
    ("key_deferrable", "alter table room add constraint late foreign key (practice_id, location_id) references"
     " location(practice_id, id) on delete restrict deferrable"),
    ("key_action", "alter table room add constraint nulling foreign key (practice_id, location_id) references"
     " location(practice_id, id) on delete set null"),
    ("key_action", "alter table room add constraint lax foreign key (practice_id, location_id) references"
     " location(practice_id, id)"),
    ("unique", "create unique index oracle on effect (key)"),
    ("unique", "create unique index oracle on effect (key) include (practice_id)"),
    ("unique", "alter table effect add constraint oracle unique (id)"),
    ("exclusion", "alter table effect add constraint wide exclude using gist (key with =)"),
    ("exclusion", "alter table effect add constraint wide exclude using gist (practice_id with <>, key with =)"),
    ("view", "create view peek as select * from effect"),
    ("materialized_view", "create materialized view peek as select 1 as n; grant select on peek to stead_app"),
    ("definer", f"{DEFINER}; alter function stead.peek() owner to stead_definer"),
    ("definer", "alter function stead.practice(text) reset search_path"),
    ("definer", "set role none; alter function stead.practice(text) owner to current_user"),
    ("grant", "grant truncate on effect to stead_app"),
    ("grant", "grant update on effect to stead_worker"),
    ("grant", "grant select on effect to public"),
    ("grant", "grant select on effect to stead_login"),
    ("grant", "grant select on platform_account to stead_app"),
    ("grant", "grant select on location to stead_directory"),
    ("column_grant", "grant update (key) on effect to stead_app"),
    ("append_only", "alter table effect disable trigger refuse_row_change"),
    ("append_only", "drop trigger refuse_truncate on journal_entry"),
    ("append_only", "drop trigger refuse_truncate on journal_entry_rest"),
    ("owner", "set role none; alter table effect owner to current_user"),
    ("role", "set role none; alter role stead_app bypassrls"),
    ("role", "set role none; grant stead_owner to stead_login"),
    ("setting", "set role none; alter role stead_login set stead.context = 'x'"),
    ("trigger_notifies", "create function stead.shout() returns trigger language plpgsql as"
     " 'begin perform pg_notify(''x'', ''''); return new; end'"),
    ("name_length", f"alter table effect add constraint {'c' * 51} check (true)"),
]  # fmt: skip


def test_catalogue_has_no_hole() -> None:
    assert lint(connections["owner"]) == []


@pytest.mark.parametrize(("rule", "statement"), PLANTED, ids=[f"{r}-{n}" for n, (r, _) in enumerate(PLANTED)])
def test_planted_hole_is_named(rule: str, statement: str) -> None:
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute("set role stead_owner")
        cursor.execute(statement)
        cursor.execute("set role stead_owner")
    assert rule in {finding.rule for finding in lint(owner)}
