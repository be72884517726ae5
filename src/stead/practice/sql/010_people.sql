-- A person's roles have one source: the row of the member of staff. What they sign in with lies above the practices and
-- carries a copy, because the door must know the roles before any practice is in force; these two triggers are the only
-- writers of that copy, so it cannot differ.
-- Reviewed: fixed search_path, no dynamic SQL; each touches the one membership (or member of staff) of the row's own
-- practice and person, and tells nobody anything.
create or replace function stead.copy_roles_to_membership() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update platform_membership m set roles = new.roles
    where m.practice_id = new.practice_id and m.person_id = new.id and m.kind = 'staff' and m.roles <> new.roles;
  return null;
end $$;

create or replace function stead.take_roles_of_staff() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  said varchar[];
begin
  select s.roles into said from staff_member s where s.practice_id = new.practice_id and s.id = new.person_id;
  if found then
    new.roles := said;
  end if;
  return new;
end $$;

grant select on staff_member to stead_definer;
grant select, update on platform_membership to stead_definer;
alter function stead.copy_roles_to_membership() owner to stead_definer;
alter function stead.take_roles_of_staff() owner to stead_definer;
revoke all on function stead.copy_roles_to_membership() from public;
revoke all on function stead.take_roles_of_staff() from public;

create or replace trigger copy_roles_to_membership after insert or update of roles on staff_member
  for each row execute function stead.copy_roles_to_membership();
create or replace trigger take_roles_of_staff before insert or update of roles on platform_membership
  for each row when (new.kind = 'staff') execute function stead.take_roles_of_staff();

-- A practice that has an owner keeps one. The lock lets two who lose the role at once go one after the other: the second
-- looks after the first has committed.
create or replace function stead.keep_an_owner() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.practice_id::text, 7212));
  if not exists (select from staff_member s where s.practice_id = new.practice_id and s.id <> new.id
                   and s.roles @> '{owner}' and s.ended_date is null) then
    raise exception 'a practice keeps an owner' using errcode = '23514', constraint = 'practice_keeps_an_owner';
  end if;
  return new;
end $$;

create or replace trigger keep_an_owner before update of roles, ended_date on staff_member
  for each row when (old.roles @> '{owner}' and old.ended_date is null
                     and not (new.roles @> '{owner}' and new.ended_date is null))
  execute function stead.keep_an_owner();
