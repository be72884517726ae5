-- What a patient reads of a playbook: the words written for patients, stage by stage, of their own cases. The playbook's
-- table itself stays closed to the portal, because it holds the guide that staff read; so this function bypasses
-- row-level security, and therefore takes practice and patient from the signed context alone, never from an argument.
-- Reviewed: fixed search_path, no dynamic SQL, no argument, returns patient words and keys only.
create or replace function stead.portal_stages()
returns table (case_id uuid, place bigint, stage_key text, en text, es text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select c.id, s.place, s.stage ->> 'key', s.stage -> 'patient' ->> 'en', s.stage -> 'patient' ->> 'es'
  from public.case_run c
  join public.playbook_version v on v.practice_id = c.practice_id and v.id = c.version_id
  cross join lateral jsonb_array_elements(v.document -> 'stages') with ordinality as s (stage, place)
  where c.practice_id = stead.practice('portal') and c.patient_id = stead.portal_patient()
$$;

create or replace function stead.portal_item_words()
returns table (case_id uuid, item_key text, en text, es text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select c.id, i.item ->> 'key', i.item -> 'patient' ->> 'en', i.item -> 'patient' ->> 'es'
  from public.case_run c
  join public.playbook_version v on v.practice_id = c.practice_id and v.id = c.version_id
  cross join lateral jsonb_array_elements(v.document -> 'stages') as s (stage)
  cross join lateral jsonb_array_elements(coalesce(s.stage -> 'items', '[]'::jsonb)) as i (item)
  where c.practice_id = stead.practice('portal') and c.patient_id = stead.portal_patient()
    and i.item -> 'patient' is not null
$$;

alter function stead.portal_stages() owner to stead_definer;
alter function stead.portal_item_words() owner to stead_definer;
revoke all on function stead.portal_stages(), stead.portal_item_words() from public;
grant execute on function stead.portal_stages(), stead.portal_item_words() to stead_portal;
grant select on case_run, playbook_version to stead_definer;
