-- The signed context. stead.context is set by the application with SET LOCAL; nobody can forge it without the key,
-- which only stead_definer may read. Pads are stored ready for HMAC-SHA-256 (RFC 2104), because this PostgreSQL has no
-- pgcrypto: hmac = sha256(opad || sha256(ipad || message)).
create or replace function stead.verified_context() returns text[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  token text := current_setting('stead.context', true);
  parts text[];
  body text;
  pads stead.context_key%rowtype;
begin
  if token is null or token = '' then
    raise exception 'no practice context is set' using errcode = '42501';
  end if;
  parts := string_to_array(token, '|');
  -- A missing part is NULL, and NULL is neither unequal nor expired: nothing below may be asked of a shorter token.
  if cardinality(parts) is distinct from 6 then
    raise exception 'the practice context is forged' using errcode = '42501';
  end if;
  body := left(token, length(token) - length(parts[6]) - 1);
  select * into strict pads from stead.context_key where id = 1;
  if encode(sha256(pads.opad || sha256(pads.ipad || convert_to(body, 'UTF8'))), 'hex') is distinct from parts[6] then
    raise exception 'the practice context is forged' using errcode = '42501';
  end if;
  if coalesce(parts[5]::bigint < extract(epoch from clock_timestamp()), true) then
    raise exception 'the practice context has expired' using errcode = '42501';
  end if;
  return parts;
end $$;

-- The practice in force, if the context was signed for this kind of access; else no practice at all.
create or replace function stead.practice(kind text) returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  parts text[] := stead.verified_context();
begin
  if parts[1] is distinct from kind then
    return null;
  end if;
  return parts[2]::uuid;
end $$;

create or replace function stead.portal_patient() returns uuid
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  parts text[] := stead.verified_context();
begin
  return nullif(parts[4], '')::uuid;
end $$;

-- Whether the statement comes from outside every practice, from the program itself: what accounts and sign-in are read
-- and written under. Inside a practice the context is another, so that whoever slips in SQL and drops the role has
-- nothing of it.
create or replace function stead.in_directory() returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  parts text[] := stead.verified_context();
begin
  return parts[1] = 'directory';
end $$;

-- Whether a change only rewrites encrypted columns under a newer key: the one change an append-only row bears, and only
-- from the owner's hand (`stead keys rotate`).
create or replace function stead.only_resealed(before jsonb, after jsonb) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select current_user = 'stead_owner' and not exists (
    select from jsonb_each(before) b join jsonb_each(after) a using (key)
    where a.value is distinct from b.value and key not like '%\_encrypted')
$$;

-- Append-only tables refuse UPDATE, DELETE and TRUNCATE for everybody, owner included.
create or replace function stead.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' then
    if stead.only_resealed(to_jsonb(old), to_jsonb(new)) then
      return new;
    end if;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end $$;
