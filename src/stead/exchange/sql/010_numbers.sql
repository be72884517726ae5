-- The next control number (ISA13) of a sender. A clearinghouse knows files by sender and number, and several practices of
-- one deployment may send under one sender, so this counter stands above the practices; `at_least` keeps a practice that
-- changes its sender above the numbers that it has used itself.
-- Reviewed: fixed search_path, no dynamic SQL, reads and writes no tenant table, tells a number and nothing else.
create or replace function stead.next_control_number(named text, at_least bigint) returns bigint
language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.sender_number as s (sender, last) values (named, at_least)
  on conflict (sender) do update set last = greatest(s.last + 1, excluded.last) returning last
$$;

alter function stead.next_control_number(text, bigint) owner to stead_definer;
revoke all on function stead.next_control_number(text, bigint) from public;
grant execute on function stead.next_control_number(text, bigint) to stead_app, stead_worker;
grant select, insert, update on sender_number to stead_definer;
