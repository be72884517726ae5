"""What comes in, what payers refuse, what is still owed."""

from decimal import Decimal

from stead.operating.terms import Measure

COLLECTIONS = """
select w.week, en.amount_cents::bigint n, 1::bigint d, en.amount_cents::numeric / 100 v, en.id row_id,
       coalesce(en.patient_id, t.patient_id) patient_id, null::uuid staff_id, null::uuid location_id, t.at,
       t.words::text note
from w
join ledger_transaction t on t.practice_id = %(practice)s and t.at >= w.starts and t.at < w.ends
 and t.at >= %(first)s and t.at < %(last)s
cross join lateral (
  select e.* from ledger_entry e where e.practice_id = t.practice_id and e.transaction_id = t.id offset 0) en
join ledger_account ac on ac.practice_id = en.practice_id and ac.id = en.account_id and ac.kind = 'cash'
"""
"""From the postings of the week to their entries, never from the account: all money that ever came in is in one cash
account, which the planner takes for one of average size. `offset 0` keeps it from turning the order round."""

DENIED_FIRST = """
select w.week, exists (
         select 1 from denial dn where dn.practice_id = %(practice)s and dn.claim_id = c.id
          and dn.denied_at <= r.posted_at)::int::bigint n,
       1::bigint d, rc.charged_cents::numeric / 100 v, c.id row_id, c.patient_id, c.practitioner_id staff_id,
       c.location_id, r.posted_at at, (c.number || ', ' || py.name)::text note
from w
join remittance r on r.practice_id = %(practice)s and r.posted_at >= w.starts and r.posted_at < w.ends
 and r.posted_at >= %(first)s and r.posted_at < %(last)s
join remittance_claim rc on rc.practice_id = r.practice_id and rc.remittance_id = r.id
join claim c on c.practice_id = rc.practice_id and c.id = rc.claim_id
join payer py on py.practice_id = c.practice_id and py.id = c.payer_id
where not exists (
  select 1 from remittance_claim rc2
  join remittance r2 on r2.practice_id = rc2.practice_id and r2.id = rc2.remittance_id
  where rc2.practice_id = %(practice)s and rc2.claim_id = c.id and (r2.posted_at, rc2.id) < (r.posted_at, rc.id)
  offset 0)
"""
"""`offset 0`: earlier answers are looked up claim by claim, not by a comparison with every answer there ever was."""

DAYS_IN_AR = """
select w.week, owed.cents n, 0::bigint d, owed.cents::numeric / 100 v, owed.account_id row_id, owed.patient_id,
       null::uuid staff_id, null::uuid location_id, w.ends at, owed.note
from w
cross join lateral (
  select c.id, c.until from ledger_close c where c.practice_id = %(practice)s and c.until <= w.ends
  union all
  select null, '-infinity'
  order by until desc limit 1) known
cross join lateral (
  select ac.id account_id, ac.patient_id, sum(moved.amount_cents)::bigint cents,
         (case ac.kind when 'payer' then py.name when 'unapplied' then 'received, not applied' else 'patient owes' end
         )::text note
  from (
    select b.account_id, b.amount_cents from carried_balance b
    where b.practice_id = %(practice)s and b.close_id = known.id
    union all
    select en.account_id, en.amount_cents from ledger_transaction t
    join ledger_entry en on en.practice_id = t.practice_id and en.transaction_id = t.id
    where t.practice_id = %(practice)s and t.at >= known.until and t.at < w.ends) moved
  join ledger_account ac on ac.practice_id = %(practice)s and ac.id = moved.account_id
   and ac.kind in ('patient', 'payer', 'unapplied')
  left join payer py on py.practice_id = ac.practice_id and py.id = ac.payer_id
  group by ac.id, ac.patient_id, ac.kind, py.name
  having sum(moved.amount_cents) <> 0) owed
union all
select w.week, 0::bigint n, sum(ch.amount_cents)::bigint d, sum(ch.amount_cents)::numeric / 100 v,
       '00000000-0000-0000-0000-000000000000'::uuid row_id, null::uuid, null::uuid, null::uuid, w.ends at,
       'charges of 90 days' note
from w
join charge ch on ch.practice_id = %(practice)s and ch.voided_at is null
 and ch.service_date >= (w.ends at time zone %(zone)s)::date - 90
 and ch.service_date < (w.ends at time zone %(zone)s)::date
 and ch.service_date >= (%(first)s at time zone %(zone)s)::date - 90
 and ch.service_date < (%(last)s at time zone %(zone)s)::date
group by w.week, w.ends
"""

MEASURES = (
    Measure(
        key="collections",
        name="Collections",
        note="payments posted, thousands",
        group="Money",
        unit="dollars",
        direction="at_least",
        target=None,
        seat="revenue_lead",
        defined="Money from payers and patients that was posted to the ledger in the week, less reversals.",
        excluded="Adjustments and write-offs; they are not money.",
        made="dollars",
        sql=COLLECTIONS,
        row_head="Dollars",
    ),
    Measure(
        key="denied_first",
        name="Denied at first answer",
        note="share of claims answered",
        group="Money",
        unit="percent",
        direction="at_most",
        target=Decimal(8),
        seat="revenue_lead",
        defined="Of the claims that a payer answered for the first time in the week: the share refused, whole or in "
        "part.",
        excluded="Later answers to the same claim; rejections by the clearinghouse, which were never judged.",
        made="share",
        sql=DENIED_FIRST,
        row_head="Dollars",
    ),
    Measure(
        key="days_in_ar",
        name="Days in A/R",
        note="",
        group="Money",
        unit="days",
        direction="at_most",
        target=Decimal(35),
        seat="revenue_lead",
        defined="What payers and patients owe at the end of the week, less credits, divided by a day's charges of the "
        "last 90 days.",
        excluded="Voided charges; money received and not yet applied is taken off.",
        made="days_of_charges",
        sql=DAYS_IN_AR,
        row_head="Dollars",
    ),
)
