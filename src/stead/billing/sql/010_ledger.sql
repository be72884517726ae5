-- Every transaction of the ledger sums to zero, twice checked: at the statement that inserts entries, so that the fault
-- rises where it was made, and once more at commit, so that a transaction without entries cannot stay either.
-- Both run as stead_definer, which reads past row-level security: a check that saw only some rows would be no check.
create or replace function stead.ledger_statement_balances() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
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
  -- posting through the index: as one join, a planner without statistics compares every added entry with every other.
  select a.transaction_id into wrong
    from (select practice_id, transaction_id, count(*) as sides from added group by practice_id, transaction_id) a
    cross join lateral (
      select count(*) as sides from ledger_entry e
      where e.practice_id = a.practice_id and e.transaction_id = a.transaction_id) posted
    where posted.sides <> a.sides
    limit 1;
  if found then
    raise exception 'ledger transaction % is already posted', wrong.transaction_id
      using errcode = '23514', constraint = 'ledger_posted_whole';
  end if;
  return null;
end $$;

create or replace function stead.ledger_transaction_balances() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  total bigint;
  sides bigint;
begin
  select coalesce(sum(e.amount_cents), 0), count(*) into total, sides
    from ledger_entry e where e.practice_id = new.practice_id and e.transaction_id = new.id;
  if total <> 0 or sides < 2 then
    raise exception 'ledger transaction % does not balance: % entries sum to %', new.id, sides, total
      using errcode = '23514', constraint = 'ledger_balanced';
  end if;
  return null;
end $$;

grant select on ledger_entry to stead_definer;
alter function stead.ledger_statement_balances() owner to stead_definer;
alter function stead.ledger_transaction_balances() owner to stead_definer;

create or replace trigger ledger_statement_balances after insert on ledger_entry
  referencing new table as added for each statement execute function stead.ledger_statement_balances();

do $$
begin
  -- A constraint trigger cannot be replaced, only made.
  if not exists (select from pg_trigger where tgname = 'ledger_transaction_balances') then
    create constraint trigger ledger_transaction_balances after insert on ledger_transaction
      deferrable initially deferred for each row execute function stead.ledger_transaction_balances();
  end if;
end $$;
