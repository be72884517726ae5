"""Whether the practice runs without its owner."""

from decimal import Decimal

from stead.operating.terms import Measure

OWNER_DECISIONS = """
select w.week, 1::bigint n, 1::bigint d, extract(epoch from w.friday_noon - t.created_at) / 86400 v, t.id row_id,
       t.patient_id, t.staff_id, null::uuid location_id, t.created_at at, t.title::text note
from w
join task t on t.practice_id = %(practice)s and t.created_at <= w.friday_noon - interval '2 days'
 and (t.ended_at is null or t.ended_at > w.friday_noon)
where t.seat_key = 'owner' or (t.seat_key = '' and t.staff_id in (
  select h.staff_id from seat_holding h
  join seat s on s.practice_id = h.practice_id and s.id = h.seat_id
  where h.practice_id = %(practice)s and s.key = 'owner' and h.from_date <= (w.friday_noon at time zone %(zone)s)::date
   and (h.until_date is null or h.until_date > (w.friday_noon at time zone %(zone)s)::date)))
"""

MEASURES = (
    Measure(
        key="owner_decisions",
        name="Owner decisions waiting",
        note="over two days, Friday noon",
        group="People",
        unit="count",
        direction="at_most",
        target=Decimal(4),
        seat="owner",
        defined="Tasks of the owner's seat that had waited more than two days on Friday at noon.",
        excluded="Tasks that another seat may decide.",
        made="sum",
        sql=OWNER_DECISIONS,
        row_head="Days",
    ),
)
