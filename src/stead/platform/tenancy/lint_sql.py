"""The linter's queries over the catalogue: each returns the names of what breaks its rule.

Source of the rules: the hole table of our security reference and the rules from day one of our scale reference
(docs/security-model.md). `%(tenant)s` and the like are arrays of table names of the declared classes.
"""

from __future__ import annotations

# ruff: noqa: S608  # the queries are put together from parts of this very file
_OURS = "n.nspname in ('public', 'stead')"
_NOT_OF_EXTENSION = "not exists (select from pg_depend d where d.objid = {0}.oid and d.deptype = 'e')"
_TABLE = f"""pg_class c join pg_namespace n on n.oid = c.relnamespace and {_OURS}
  and {_NOT_OF_EXTENSION.format("c")}"""
_TENANT = f"{_TABLE} and c.relkind in ('r', 'p') and c.relname = any(%(tenant)s)"
_COLUMNS = """(select array_agg(a.attname::text order by k.n) from unnest({0}) with ordinality as k(num, n)
  join pg_attribute a on a.attrelid = {1} and a.attnum = k.num)"""

_KEYS = "(i.indkey::smallint[])[0:i.indnkeyatts - 1]"  # counted from 0; included columns come after the keys

RULES: dict[str, tuple[str, str]] = {
    "classed": (
        "a table that no model declares as tenant, reference or directory",
        f"select c.relname from {_TABLE} where c.relkind in ('r', 'p') and not c.relname = any(%(known)s)",
    ),
    "practice_id": (
        "a tenant table without practice_id uuid not null",
        f"""select c.relname from {_TENANT} where not exists (select from pg_attribute a where a.attrelid = c.oid
        and a.attname = 'practice_id' and a.atttypid = 'uuid'::regtype and a.attnotnull)""",
    ),
    "primary_key": (
        "a tenant table whose primary key is not (practice_id, id)",
        f"""select c.relname from {_TENANT} where not exists (select from pg_constraint p where p.conrelid = c.oid
        and p.contype = 'p' and {_COLUMNS.format("p.conkey", "c.oid")} = array['practice_id', 'id'])""",
    ),
    "row_security": (
        "a table of a practice or of the directory, or a partition, whose row-level security is not enabled and forced",
        f"""select c.relname from {_TABLE} and c.relkind in ('r', 'p')
        and c.relname = any(%(tenant)s::text[] || %(directory)s::text[])
        where not (c.relrowsecurity and c.relforcerowsecurity)""",
    ),
    "identity": (
        "a tenant table with a sequence: its numbers would be shared by all practices",
        f"""select c.relname || '.' || a.attname from {_TENANT} join pg_attribute a on a.attrelid = c.oid
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where a.attnum > 0 and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) ~ 'nextval')""",
    ),
    "key_crosses": (
        "a foreign key of a tenant table that does not carry practice_id on both sides",
        f"""select f.conname from {_TENANT} join pg_constraint f on f.conrelid = c.oid and f.contype = 'f'
        join pg_class t on t.oid = f.confrelid and t.relname = any(%(tenant)s)
        where ({_COLUMNS.format("f.conkey", "f.conrelid")})[1] <> 'practice_id'
        or ({_COLUMNS.format("f.confkey", "f.confrelid")})[1:2] <> array['practice_id', 'id']""",
    ),
    "key_direction": (
        "a foreign key that leads from a tenant table elsewhere than to tenant or reference, or into a tenant table",
        f"""select f.conname from {_TABLE} join pg_constraint f on f.conrelid = c.oid and f.contype = 'f'
        join pg_class t on t.oid = f.confrelid
        where (c.relname = any(%(tenant)s) and not t.relname = any(%(tenant)s::text[] || %(reference)s::text[]))
        or (not c.relname = any(%(tenant)s) and t.relname = any(%(tenant)s))""",
    ),
    "key_deferrable": (
        "a deferrable foreign key of a tenant table",
        f"""select f.conname from {_TENANT} join pg_constraint f on f.conrelid = c.oid and f.contype = 'f'
        where f.condeferrable""",
    ),
    "key_action": (
        "a foreign key of a tenant table that does something else than RESTRICT or CASCADE",
        f"""select f.conname from {_TENANT} join pg_constraint f on f.conrelid = c.oid and f.contype = 'f'
        where f.confdeltype not in ('r', 'c') or f.confupdtype not in ('a', 'r', 'c')""",
    ),
    "unique": (
        "a unique index of a tenant table without practice_id: its error tells of another practice",
        f"""select x.relname from {_TENANT} join pg_index i on i.indrelid = c.oid and i.indisunique
        join pg_class x on x.oid = i.indexrelid
        where not coalesce({_COLUMNS.format(_KEYS, "c.oid")} @> array['practice_id'], false)""",
    ),
    "exclusion": (
        "an exclusion constraint of a tenant table without practice_id with =",
        f"""select e.conname from {_TENANT} join pg_constraint e on e.conrelid = c.oid and e.contype = 'x'
        where not exists (select from unnest(e.conkey, e.conexclop) as k(num, op)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = k.num and a.attname = 'practice_id'
          join pg_operator o on o.oid = k.op and o.oprname = '=')""",
    ),
    "view": (
        "a view that does not run with its reader's rights (security_invoker)",
        f"""select c.relname from {_TABLE} where c.relkind = 'v'
        and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false)""",
    ),
    "materialized_view": (
        "a materialized view that a serving role may read",
        f"""select c.relname from {_TABLE} cross join lateral aclexplode(c.relacl) g
        left join pg_roles r on r.oid = g.grantee
        where c.relkind = 'm' and (g.grantee = 0 or r.rolname = any(%(serving)s))""",
    ),
    "definer": (
        "a definer function that is not reviewed, not owned by stead_definer or without a fixed search_path",
        f"""select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace and {_OURS}
        join pg_roles o on o.oid = p.proowner
        where p.prosecdef and {_NOT_OF_EXTENSION.format("p")} and (o.rolname <> %(definer)s
        or not p.proname = any(%(reviewed)s)
        or not exists (select from unnest(p.proconfig) s where s like 'search_path=pg_catalog%%'))""",
    ),
    "owner": (
        "a table that the owner role does not own",
        f"""select c.relname from {_TABLE} join pg_roles o on o.oid = c.relowner
        where c.relkind in ('r', 'p', 'v', 'm') and c.relname <> 'context_key' and o.rolname <> %(owner)s""",
    ),
    "role": (
        "a serving role that may bypass row-level security or become somebody who may",
        """select r.rolname from pg_roles r where r.rolname = any(%(serving)s) and (r.rolsuper or r.rolbypassrls
        or r.rolcreaterole or exists (select from pg_roles m where (m.rolbypassrls or m.rolsuper)
          and pg_has_role(r.oid, m.oid, 'member')))""",
    ),
    "column_grant": (
        "a right on single columns, which a look at the table does not show",
        f"""select c.relname || '.' || a.attname from {_TABLE} join pg_attribute a on a.attrelid = c.oid
        where a.attacl is not null""",
    ),
    "setting": (
        "a context or row_security kept in a role's or database's settings: it would survive the transaction",
        """select coalesce(r.rolname, 'database') from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole
        where exists (select from unnest(s.setconfig) c where c like 'stead.%%' or c like 'row_security%%')""",
    ),
    "trigger_notifies": (
        "a trigger function that notifies: the action does that itself",
        f"""select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace and {_OURS}
        where p.prorettype = 'trigger'::regtype and p.prosrc ~* 'notify' and p.proname !~ '^procrastinate'""",
    ),
    "name_length": (
        "a constraint name above 50 characters",
        f"""select k.conname from {_TENANT} join pg_constraint k on k.conrelid = c.oid
        where k.contype in ('p', 'u', 'f', 'x', 'c') and length(k.conname) > 50""",
    ),
}

POLICIES = """
select tablename::text, policyname::text, roles::text[], coalesce(qual, with_check, '') from pg_policies
where permissive = 'PERMISSIVE' and schemaname in ('public', 'stead')
"""

GRANTS = """
select c.relname::text, coalesce(r.rolname::text, 'public'), g.privilege_type from pg_class c
join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('public', 'stead')
cross join lateral aclexplode(c.relacl) g left join pg_roles r on r.oid = g.grantee
where c.relkind in ('r', 'p') and (g.grantee = 0 or r.rolname = any(%(serving)s))
"""

REFUSING = """
select c.relname::text, t.tgname::text from pg_trigger t join pg_class c on c.oid = t.tgrelid
where t.tgenabled = 'O' and t.tgfoid = 'stead.refuse_change'::regproc
"""
