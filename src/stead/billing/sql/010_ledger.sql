-- Every transaction of the ledger sums to zero, twice checked: at the statement that inserts entries, so that the fault
-- rises where it was made, and once more at commit, so that a transaction without entries cannot stay either.
-- Both run as stead_definer, which reads past row-level security: a check that saw only some rows would be no check.
-- They find a posting's entries in one way whatever the statistics say. A planner that knows other practices alone takes
-- this one's for empty, every index that begins with practice_id looks as good to it as the right one, and a commit of
-- many postings reads the whole ledger for each. So they ask by the posting, whose identifier is unique in the world,
-- and compare the practice with `is not distinct from`, which no index answers; and their plan is made once.
create or replace function stead.ledger_statement_balances() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  wrong record;
begin
  select a.practice_id, a.transaction_id, sum(a.amount_cents) as total, count(*) as sides into wrong
    from added a group by a.practice_id, a.transaction_id
    having sum(a.amount_cents) <> 0 or count(*) < 2 limit 1;
  if found then
    raise exception 'ledger transaction % does not balance: % entries sum to %', wrong.transaction_id, wrong.sides,
      wrong.total using errcode = '23514', constraint = 'ledger_balanced';
  end if;
  -- A posting arrives whole. Entries added later, even balanced ones, would rewrite what was posted. Counted posting by
  -- posting: as one join, a planner without statistics compares every added entry with every other.
  select a.transaction_id into wrong
    from (select practice_id, transaction_id, count(*) as sides from added group by practice_id, transaction_id) a
    cross join lateral (
      select count(*) as sides from ledger_entry e
      where e.transaction_id = a.transaction_id and e.practice_id is not distinct from a.practice_id) posted
    where posted.sides <> a.sides
    limit 1;
  if found then
    raise exception 'ledger transaction % is already posted', wrong.transaction_id
      using errcode = '23514', constraint = 'ledger_posted_whole';
  end if;
  return null;
end $$;

create or replace function stead.ledger_transaction_balances() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  total bigint;
  sides bigint;
begin
  select coalesce(sum(e.amount_cents), 0), count(*) into total, sides
    from ledger_entry e where e.transaction_id = new.id and e.practice_id is not distinct from new.practice_id;
  if total <> 0 or sides < 2 then
    raise exception 'ledger transaction % does not balance: % entries sum to %', new.id, sides, total
      using errcode = '23514', constraint = 'ledger_balanced';
  end if;
  return null;
end $$;

-- A close is a sum of what was posted before it; a posting dated back takes it away (closing.py).
create or replace function stead.ledger_reopens_closes() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from ledger_close c
    using (select practice_id, min(at) as since from added group by practice_id) a
    where c.practice_id = a.practice_id and c.until > a.since;
  return null;
end $$;

grant select on ledger_entry to stead_definer;
grant select, delete on ledger_close to stead_definer;
alter function stead.ledger_reopens_closes() owner to stead_definer;
alter function stead.ledger_statement_balances() owner to stead_definer;
alter function stead.ledger_transaction_balances() owner to stead_definer;

create or replace trigger ledger_statement_balances after insert on ledger_entry
  referencing new table as added for each statement execute function stead.ledger_statement_balances();

create or replace trigger ledger_reopens_closes after insert on ledger_transaction
  referencing new table as added for each statement execute function stead.ledger_reopens_closes();

do $$
begin
  -- A constraint trigger cannot be replaced, only made.
  if not exists (select from pg_trigger where tgname = 'ledger_transaction_balances') then
    create constraint trigger ledger_transaction_balances after insert on ledger_transaction
      deferrable initially deferred for each row execute function stead.ledger_transaction_balances();
  end if;
end $$;
