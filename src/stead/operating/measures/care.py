"""How care goes on: visits kept and missed, notes, staying."""

from decimal import Decimal

from stead.operating.measures.access import FIRST_VISITS
from stead.operating.terms import Measure

VISITS_KEPT = """
select w.week, 1::bigint n, 1::bigint d, null::numeric v, a.id row_id, a.patient_id, a.practitioner_id staff_id,
       a.location_id, a.starts_at at, s.name::text note
from w
join appointment a on a.practice_id = %(practice)s and a.starts_at >= w.starts and a.starts_at < w.ends
 and a.starts_at >= %(first)s and a.starts_at < %(last)s
 and a.status = 'done'
join service s on s.practice_id = a.practice_id and s.id = a.service_id
"""

NO_SHOW_RATE = """
select w.week, (a.status = 'no_show')::int::bigint n, 1::bigint d, null::numeric v, a.id row_id, a.patient_id,
       a.practitioner_id staff_id, a.location_id, a.starts_at at,
       case a.status when 'no_show' then 'no-show' when 'late_cancel' then 'cancelled late' else 'kept' end note
from w
join appointment a on a.practice_id = %(practice)s and a.starts_at >= w.starts and a.starts_at < w.ends
 and a.starts_at >= %(first)s and a.starts_at < %(last)s
 and a.status in ('done', 'no_show', 'late_cancel')
"""

NOTES_SIGNED = """
select w.week, coalesce((n.signed_at <= visit.ended + interval '72 hours')::int, 0)::bigint n, 1::bigint d,
       extract(epoch from n.signed_at - visit.ended) / 3600 v, e.id row_id, e.patient_id, e.practitioner_id staff_id,
       e.location_id, e.starts_at at, case when n.signed_at is null then 'not signed' else 'signed' end note
from w
join encounter e on e.practice_id = %(practice)s and e.source = 'stead'
 and e.voided_at is null
 and e.starts_at >= w.starts - interval '5 days' and e.starts_at < w.ends - interval '72 hours'
 and e.starts_at >= %(first)s - interval '5 days' and e.starts_at < %(last)s - interval '72 hours'
cross join lateral (select coalesce(e.ends_at, e.starts_at) ended) visit
left join note n on n.practice_id = e.practice_id and n.encounter_id = e.id and n.state = 'signed'
where visit.ended + interval '72 hours' >= w.starts and visit.ended + interval '72 hours' < w.ends
"""

THREE_VISITS = """
join lateral (
  select count(*) visits from appointment x where x.practice_id = %(practice)s and x.patient_id = a.patient_id
   and x.status = 'done' and x.starts_at >= a.starts_at and x.starts_at <= a.starts_at + interval '45 days') k on true
"""

KEPT_TO_THIRD = """
select w.week, (k.visits >= 3)::int::bigint n, 1::bigint d, k.visits::numeric v, a.id row_id, a.patient_id,
       a.practitioner_id staff_id, a.location_id, a.starts_at at, s.name::text note
from w
join appointment a on a.practice_id = %(practice)s and a.starts_at >= w.starts - interval '45 days'
 and a.starts_at < w.ends - interval '45 days'
 and a.starts_at >= %(first)s - interval '45 days' and a.starts_at < %(last)s - interval '45 days'
""" + FIRST_VISITS.format(more=THREE_VISITS)

MEASURES = (
    Measure(
        key="visits_kept",
        name="Visits kept",
        note="",
        group="Care",
        unit="count",
        direction="at_least",
        target=None,
        seat="practice_manager",
        defined="Visits that took place in the week.",
        excluded="Cancelled visits, no-shows, and visits whose outcome nobody has recorded.",
        made="sum",
        sql=VISITS_KEPT,
        row_head="Visits",
    ),
    Measure(
        key="no_show_rate",
        name="No-show rate",
        note="of visits not cancelled in time",
        group="Care",
        unit="percent",
        direction="at_most",
        target=Decimal(6),
        seat="front_desk",
        defined="No-shows of the week, out of all visits that were kept, missed or cancelled late.",
        excluded="Visits cancelled with notice, and visits whose outcome nobody has recorded.",
        made="share",
        sql=NO_SHOW_RATE,
        row_head="No-show",
    ),
    Measure(
        key="notes_72h",
        name="Notes signed within 72 h",
        note="share of visits",
        group="Care",
        unit="percent",
        direction="at_least",
        target=Decimal(95),
        seat="clinical_director",
        defined="Of the visits whose 72 hours since their end ran out in the week: the share whose note was signed "
        "by then.",
        excluded="Visits imported from another system.",
        made="share",
        sql=NOTES_SIGNED,
        row_head="Hours",
    ),
    Measure(
        key="kept_to_third",
        name="Kept to the third visit",
        note="cohorts 45 days old",
        group="Care",
        unit="percent",
        direction="at_least",
        target=Decimal(70),
        seat="clinical_director",
        defined="Of the patients whose first kept visit was 45 days ago in the week: the share that kept three or more "
        "visits within those 45 days.",
        excluded="Patients with an earlier kept visit, here or in the imported history.",
        made="share",
        sql=KEPT_TO_THIRD,
        row_head="Visits",
    ),
)
