"""Database roles: who may do what, made by `stead migrate` with the administrator's connection.

| role            | login | holds                                                                           |
| --------------- | ----- | ------------------------------------------------------------------------------- |
| stead_owner     | no    | owns tables, runs migrations, bypasses RLS (migrations, verify, backup, loads)   |
| stead_login     | yes   | what web and worker connect as: the directory, and SET ROLE to the three below   |
| stead_app       | no    | staff pages and API                                                              |
| stead_worker    | no    | jobs                                                                             |
| stead_portal    | no    | patient pages: reads only, and only the signed-in patient's rows                 |
| stead_definer   | no    | owns the reviewed definer functions; bypasses RLS; has SELECT where they need it |
"""

import hashlib
import hmac

import psycopg
from psycopg import sql

LOGIN = "stead_login"
OWNER = "stead_owner"
DEFINER = "stead_definer"
DIRECTORY = "stead_directory"
RUNTIME = {"app": "stead_app", "worker": "stead_worker", "portal": "stead_portal"}

_NOLOGIN = {OWNER: "BYPASSRLS", DEFINER: "BYPASSRLS", DIRECTORY: "", **dict.fromkeys(RUNTIME.values(), "")}
EXTENSIONS = ("btree_gist", "btree_gin", "pg_trgm")


def login_password(secret: str) -> str:
    """Derive the runtime login's password from the deployment's secret, so that no second secret has to be kept."""
    return hmac.new(secret.encode(), b"stead.login.v1", hashlib.sha256).hexdigest()


def context_pads(key: bytes) -> tuple[bytes, bytes]:
    """Return HMAC's inner and outer pad of a key of at most 64 bytes (RFC 2104)."""
    block = key.ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)


def ensure_roles(admin: psycopg.Connection[tuple[object, ...]], secret: str) -> None:
    """Create or mend the roles. Safe to run again; needs a role that may create roles with BYPASSRLS."""
    with admin.transaction():
        # Two migrations of two databases in one cluster may meet here: roles are cluster-wide.
        admin.execute("select pg_advisory_xact_lock(7211)")
        known = {row[0] for row in admin.execute("select rolname from pg_roles where rolname like 'stead%'")}
        for role, extra in _NOLOGIN.items():
            if role not in known:
                admin.execute(sql.SQL(f"create role {{}} nologin {extra}").format(sql.Identifier(role)))
        if LOGIN not in known:
            admin.execute(sql.SQL("create role {} login").format(sql.Identifier(LOGIN)))
        admin.execute(
            sql.SQL("alter role {} login nobypassrls password {}").format(
                sql.Identifier(LOGIN), sql.Literal(login_password(secret))
            )
        )
        admin.execute(sql.SQL("grant {} to {} with inherit true").format(*map(sql.Identifier, (DIRECTORY, LOGIN))))
        for role in RUNTIME.values():
            admin.execute(
                sql.SQL("grant {} to {} with inherit false, set true").format(*map(sql.Identifier, (role, LOGIN)))
            )
        admin.execute(sql.SQL("grant {} to {} with set true").format(*map(sql.Identifier, (DEFINER, OWNER))))
        admin.execute(sql.SQL("grant {} to current_user with set true").format(sql.Identifier(OWNER)))


def ensure_database(admin: psycopg.Connection[tuple[object, ...]], context_key: bytes) -> None:
    """Prepare one database: extensions, the stead schema and the context key. Safe to run again."""
    inner, outer = context_pads(context_key)
    with admin.transaction():
        for extension in EXTENSIONS:
            admin.execute(sql.SQL("create extension if not exists {}").format(sql.Identifier(extension)))
        admin.execute("revoke all on schema public from public")
        admin.execute(f"grant usage, create on schema public to {OWNER}")
        admin.execute(f"create schema if not exists stead authorization {OWNER}")
        for role in (*RUNTIME.values(), LOGIN, DEFINER, DIRECTORY):
            admin.execute(sql.SQL("grant usage on schema public, stead to {}").format(sql.Identifier(role)))
        admin.execute(f"grant create on schema stead to {DEFINER}")
        admin.execute("create table if not exists stead.context_key (id int primary key, ipad bytea, opad bytea)")
        admin.execute(f"alter table stead.context_key owner to {DEFINER}")
        admin.execute("revoke all on stead.context_key from public")
        admin.execute(
            "insert into stead.context_key values (1, %s, %s)"
            " on conflict (id) do update set ipad = excluded.ipad, opad = excluded.opad",
            (inner, outer),
        )
