-- The hash covers everything that was said, each value in its own place: concat_ws leaves NULLs out, so what may be NULL
-- is written as nothing between two bars, or a value moved from the patient's place to the case's would hash alike. The one
-- free text is led by its length, and the data, which may hold anything, comes last; jsonb prints in one canonical form.
create or replace function stead.journal_hash(e journal_entry) returns bytea
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select sha256(convert_to(concat_ws('|', e.practice_id, e.id, extract(epoch from e.at)::numeric(20, 6), e.verb,
    e.actor_kind, e.actor_id, length(e.actor_name), e.actor_name, e.subject_type, coalesce(e.subject_id::text, ''),
    coalesce(e.patient_id::text, ''), coalesce(e.case_id::text, ''), coalesce(e.previous_id::text, ''), e.previous_verb,
    coalesce(e.previous_actor_id::text, ''), coalesce(e.waited_seconds::text, ''), e.data::text), 'UTF8'))
$$;

create or replace function stead.journal_hash_row() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  new.hash := stead.journal_hash(new);
  return new;
end $$;

create or replace trigger journal_hash before insert on journal_entry
  for each row execute function stead.journal_hash_row();

-- Listed in the same transaction, so a seal sees exactly the rows that are visible (scale-out.md, rule 11).
create or replace function stead.journal_list_pending() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into public.journal_pending (practice_id, id) select practice_id, id from added;
  return null;
end $$;

create or replace trigger journal_pending after insert on journal_entry
  referencing new table as added for each statement execute function stead.journal_list_pending();

grant execute on function stead.journal_hash(journal_entry) to stead_app, stead_worker, stead_portal;
