"""Who comes when: the staging tables of a load, one row per patient and per visit.

Every practitioner has seven times a day; a time belongs to one patient for 22 weeks and rests for two. So nobody is in
two places. What happens to a visit is decided by a hash of it: the same load has the same outcomes.
"""

TEAM = """
create temp table load_team on commit preserve rows as
select * from unnest(%(staff)s::uuid[], %(names)s::text[], %(places)s::uuid[], %(rooms)s::uuid[], %(zones)s::text[],
  %(states)s::text[]) with ordinality as t(staff_id, name, location_id, room_id, zone, state, i)
"""

PEOPLE = """
create temp table load_person on commit preserve rows as
select *, uuidv7(created_at - clock_timestamp()) as id,
  uuidv7(created_at - clock_timestamp()) as coverage_id,
  1000 + row_number() over (order by created_at, i, weekday, hour) as number,
  (%(payers)s::uuid[])[1 + (dice / 7) %% 5] as payer_id
from (
  select t.*, weekday, hour, course, %(monday)s::date + course * 168 as first_monday,
    ((%(monday)s::date + course * 168 + weekday) + interval '10 hours') at time zone t.zone - interval '12 days'
      as created_at,
    (hashtextextended(t.i || '/' || weekday || '/' || hour || '/' || course, 1) & 2147483647) as dice
  from load_team t, generate_series(0, 4) weekday, unnest(array[9, 10, 11, 13, 14, 15, 16]) hour,
    generate_series(0, %(courses)s - 1) course
) c
where created_at < %(now)s
"""

VISITS = """
create temp table load_visit on commit preserve rows as
select v.*, uuidv7(v.booked_at - clock_timestamp()) as id,
  case when status in ('done', 'in_session') then uuidv7(v.starts_at - clock_timestamp()) end as encounter_id,
  case when status = 'done' then uuidv7(v.ends_at - clock_timestamp()) end as note_id,
  case when status = 'done' then signed end as signed_at,
  case when status = 'done' and signed < %(now)s then uuidv7(signed - clock_timestamp()) end as charge_id,
  case when status = 'done' and signed < %(now)s and payer_id is not null then uuidv7(signed - clock_timestamp()) end
    as claim_id,
  signed + interval '12 hours' as sent_at,
  date_trunc('week', signed) + interval '19 days 15 hours' as answered_at,
  (dice / 1000) %% 1000 < 40 as denied,
  row_number() over (order by starts_at, i) + %(claims)s as line_number
from (
  select *, ends_at + interval '20 minutes' + (dice %% 60) * interval '1 hour' as signed,
    case when starts_at > %(now)s then case when dice %% 1000 < 30 then 'cancelled' else 'booked' end
      when ends_at >= %(now)s then 'in_session'
      when dice %% 1000 < 50 then 'no_show' when dice %% 1000 < 80 then 'late_cancel'
      when dice %% 1000 < 130 then 'cancelled' else 'done' end as status
  from (
    select p.id as patient_id, p.coverage_id, p.payer_id, p.i, p.staff_id, p.name, p.location_id, p.room_id, week,
      s.service_id, s.code, s.cents, s.modality, at as starts_at, at + s.minutes * interval '1 minute' as ends_at,
      day, least(greatest(p.created_at + interval '1 day', at - interval '21 days'), %(now)s - interval '1 hour')
        as booked_at,
      (hashtextextended(p.id::text || week, 2) & 2147483647) as dice
    from load_person p
    cross join generate_series(0, 21) week
    cross join lateral (select p.first_monday + week * 7 + p.weekday as day) d
    cross join lateral (select (d.day + make_interval(hours => p.hour)) at time zone p.zone as at) m
    join load_service s on s.kind = case when week = 0 then 0 when (p.dice / 11 + week) %% 5 = 0 then 2 else 1 end
    where d.day >= %(from)s and d.day < %(until)s
  ) x
  where dice / 7 %% 100 < case when starts_at > %(now)s then 70 else 94 end
) v
"""

SERVICES = """
create temp table load_service on commit preserve rows as
select * from unnest(%(services)s::uuid[], %(codes)s::text[], %(cents)s::bigint[], %(minutes)s::int[],
  %(modalities)s::text[]) with ordinality as s(service_id, code, cents, minutes, modality, n)
cross join lateral (select s.n - 1 as kind) k
"""
