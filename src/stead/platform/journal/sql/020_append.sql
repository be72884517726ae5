-- Append one line and move its stream's head, in one round trip. Runs with the caller's rights, so row-level security
-- and grants hold as for any insert; the line itself is a plain VALUES insert. Returns the predecessor.
create or replace function stead.journal_append(
  p uuid, line uuid, line_at timestamptz, line_verb text, kind text, actor uuid, actor_words text,
  about text, about_id uuid, patient uuid, case_run uuid, line_data jsonb, channel text,
  out before_id uuid, out before_verb text, out before_actor uuid, out waited bigint)
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  stream uuid := coalesce(case_run, patient);
  before_at timestamptz;
begin
  if stream is not null then
    insert into public.journal_head as h (practice_id, id, last_id, last_at, last_verb, last_actor_id)
    values (p, stream, line, line_at, line_verb, actor)
    on conflict (practice_id, id) do update set last_id = excluded.last_id, last_at = excluded.last_at,
      last_verb = excluded.last_verb, last_actor_id = excluded.last_actor_id
    returning old.last_id, old.last_at, old.last_verb, old.last_actor_id
    into before_id, before_at, before_verb, before_actor;
  end if;
  waited := greatest(0, floor(extract(epoch from line_at - before_at)))::bigint;
  insert into public.journal_entry (practice_id, id, at, verb, actor_kind, actor_id, actor_name, subject_type, subject_id,
    patient_id, case_id, data, previous_id, previous_verb, previous_actor_id, waited_seconds)
  values (p, line, line_at, line_verb, kind, actor, actor_words, about, about_id, patient, case_run, line_data,
    before_id, coalesce(before_verb, ''), before_actor, waited);
  -- The payload names only the practice, so that the lines of one transaction wake a listener once.
  perform pg_notify(channel, p::text);
end $$;

grant execute on function stead.journal_append to stead_app, stead_worker;
