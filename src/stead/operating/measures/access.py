"""How people get in: new patients, intake, booking, the wait."""

from decimal import Decimal

from stead.operating.terms import Measure

FIRST_VISITS = """
join service s on s.practice_id = a.practice_id and s.id = a.service_id
{more}
where a.status = 'done' and not exists (
  select 1 from appointment e where e.practice_id = %(practice)s and e.patient_id = a.patient_id
   and e.status = 'done' and (e.starts_at, e.id) < (a.starts_at, a.id))
 and not exists (
  select 1 from encounter h where h.practice_id = %(practice)s and h.patient_id = a.patient_id
   and h.appointment_id is null and h.starts_at < a.starts_at)
"""
"""Narrows appointments `a` to each patient's first kept visit; an imported encounter counts as an earlier one."""

NEW_PATIENTS = """
select w.week, 1::bigint n, 1::bigint d, null::numeric v, a.id row_id, a.patient_id, a.practitioner_id staff_id,
       a.location_id, a.starts_at at, s.name::text note
from w
join appointment a on a.practice_id = %(practice)s and a.starts_at >= w.starts and a.starts_at < w.ends
 and a.starts_at >= %(first)s and a.starts_at < %(last)s
""" + FIRST_VISITS.format(more="")

MADE_READY = """
join journal_entry j on j.practice_id = %(practice)s and j.verb = 'case.stage_entered'
 and j.data->>'stage' in ('ready', 'booking') and {during}
join case_run c on c.practice_id = j.practice_id and c.id = j.case_id and c.playbook_key = 'new_patient_intake'
join patient p on p.practice_id = c.practice_id and p.id = c.patient_id
{more}
where not exists (
  select 1 from journal_entry f where f.practice_id = %(practice)s and f.case_id = j.case_id and f.id < j.id
   and f.verb = 'case.stage_entered' and f.data->>'stage' in ('ready', 'booking'))
"""
"""The moment an intake became ready for the first time: its case came to the stage that books (in the shipped playbook
"booking"); `during` bounds the journal by identifier and by moment."""

INTAKE_TURNAROUND = """
select w.week, 1::bigint n, 1::bigint d, extract(epoch from j.at - c.opened_at) / 3600 v, c.id row_id, c.patient_id,
       c.owner_staff_id staff_id, c.location_id, j.at, p.source::text note
from w
""" + MADE_READY.format(
    during="j.id >= w.id_from and j.id < w.id_until and j.at >= w.starts and j.at < w.ends"
    " and j.at >= %(first)s and j.at < %(last)s",
    more="",
)

BOOKED_IN_TIME = """
left join lateral (
  select min(x.booked_at) booked_at from appointment x where x.practice_id = %(practice)s
   and x.patient_id = c.patient_id and x.status not in ('held', 'released')
   and x.booked_at >= c.opened_at and x.booked_at <= j.at + interval '7 days') b on true
"""

READY_BOOKED = (
    """
select w.week, (b.booked_at is not null)::int::bigint n, 1::bigint d,
       case when b.booked_at is not null then greatest(0, extract(epoch from b.booked_at - j.at) / 86400) end v,
       c.id row_id, c.patient_id, c.owner_staff_id staff_id, c.location_id, j.at,
       case when b.booked_at is null then 'not booked in 7 days' else 'booked' end note
from w
"""
    + MADE_READY.format(
        during="j.id >= w.id7_from and j.id < w.id7_until"
        " and j.at >= w.starts - interval '7 days' and j.at < w.ends - interval '7 days'"
        " and j.at >= %(first)s - interval '7 days' and j.at < %(last)s - interval '7 days'",
        more=BOOKED_IN_TIME,
    )
    + " and not (b.booked_at is null and c.closed_at is not null and c.closed_at <= j.at + interval '7 days')"
)

THIRD_NEXT = """
select w.week, 1::bigint n, 1::bigint d,
       ((slot.at at time zone %(zone)s)::date - (w.ends at time zone %(zone)s)::date)::numeric v,
       slot.row_id, null::uuid patient_id, slot.staff_id, slot.location_id, slot.at, slot.name::text note
from w
cross join lateral (
  select fd.id row_id, fd.staff_id, fd.location_id, first_visit.name,
         lower(gap) + make_interval(mins => first_visit.minutes * step) as at
  from free_day fd
  join staff_member st on st.practice_id = fd.practice_id and st.id = fd.staff_id and st.accepts_new
  join lateral (
    select s.minutes, s.name from service s
    join service_practitioner sp on sp.practice_id = s.practice_id and sp.service_id = s.id
    where s.practice_id = %(practice)s and sp.staff_id = fd.staff_id and s.is_first_visit and s.retired_at is null
    order by s.minutes limit 1) first_visit on true
  cross join lateral unnest(fd.open - coalesce((
    select range_agg(tstzrange(a.starts_at, a.ends_at)) from appointment a
    where a.practice_id = %(practice)s and a.practitioner_id = fd.staff_id
     and a.starts_at >= lower(fd.open) - interval '8 hours' and a.starts_at < upper(fd.open)
     and a.status in ('held', 'booked', 'confirmed', 'arrived', 'in_session', 'done', 'no_show', 'late_cancel')
     and a.booked_at <= w.ends), '{}'::tstzmultirange)) gap
  cross join lateral generate_series(
    0, floor(extract(epoch from upper(gap) - lower(gap)) / 60 / first_visit.minutes)::int - 1) step
  where fd.practice_id = %(practice)s and fd.day >= (w.ends at time zone %(zone)s)::date
   and fd.day < (w.ends at time zone %(zone)s)::date + 90
  order by at, fd.staff_id limit 3) slot
"""

MEASURES = (
    Measure(
        key="new_patients",
        name="New patients started",
        note="first visits kept",
        group="Access",
        unit="count",
        direction="at_least",
        target=None,
        seat="intake_coordinator",
        defined="Patients whose first kept visit took place in the week.",
        excluded="Patients with an earlier kept visit, here or in the imported history.",
        made="sum",
        sql=NEW_PATIENTS,
        row_head="Started",
    ),
    Measure(
        key="intake_turnaround",
        name="Intake turnaround, median",
        note="hours from request to complete",
        group="Access",
        unit="hours",
        direction="at_most",
        target=Decimal(48),
        seat="intake_coordinator",
        defined="Hours from request received to intake complete, by the clock, for intakes completed in the week. "
        "The middle value.",
        excluded="Requests that ended before they were complete; a case that became ready a second time.",
        made="median",
        sql=INTAKE_TURNAROUND,
        row_head="Hours",
    ),
    Measure(
        key="ready_booked",
        name="Ready, booked in 7 days",
        note="share of patients made ready",
        group="Access",
        unit="percent",
        direction="at_least",
        target=Decimal(75),
        seat="intake_coordinator",
        defined="Of the patients whose seventh day since intake was complete fell in the week: the share with a visit "
        "booked by then.",
        excluded="Patients whose case was closed within the seven days without a visit.",
        made="share",
        sql=READY_BOOKED,
        row_head="Days",
    ),
    Measure(
        key="third_next",
        name="Third next available",
        note="days to a first visit",
        group="Access",
        unit="days",
        direction="at_most",
        target=Decimal(10),
        seat="practice_manager",
        defined="Days from the end of the week to the third open time of a first visit, at any location, with "
        "practitioners who take new patients.",
        excluded="Held times. Visits that were cancelled in time since are counted as open.",
        made="third",
        sql=THIRD_NEXT,
        row_head="Days",
    ),
)
