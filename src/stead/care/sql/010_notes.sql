-- A signed note is never edited, only amended (45 CFR 164.526). One exception: the owner role may write the same text
-- under a newer key, which key rotation needs; the hash of the signed text stays and would show any other text.
create or replace function stead.refuse_signed_note_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if old.state <> 'signed' then
    return case tg_op when 'DELETE' then old else new end;
  end if;
  if tg_op = 'UPDATE' and current_user = 'stead_owner'
     and to_jsonb(new) - 'body_encrypted' = to_jsonb(old) - 'body_encrypted' then
    return new;
  end if;
  raise exception 'a signed note is never changed' using errcode = '42501', constraint = 'note_signed_for_good';
end $$;

create or replace trigger note_signed_for_good before update or delete on note
  for each row execute function stead.refuse_signed_note_change();

-- The visit knows when its note was signed, whoever wrote the note: action, import or bulk load.
create or replace function stead.note_signs_encounter() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.encounter set signed_at = new.signed_at
    where practice_id = new.practice_id and id = new.encounter_id and signed_at is distinct from new.signed_at;
  return null;
end $$;

create or replace trigger note_signs_encounter after insert or update of state on note
  for each row when (new.state = 'signed') execute function stead.note_signs_encounter();
