-- How much each hold that is on covers today: entries, persons, those whose purge it stops now (on hold), and those of
-- them that are past their last lawful day. A hold on several ids is one row; a hold that covers nothing has zeros.
-- grain: hold_id
-- holds persons
with active as (
    select distinct hold_id, scope, scope_key
    from hold
    where placed_on <= cast(:as_of as date)
        and (released_on is null or released_on > cast(:as_of as date))
),
covered as (
    select active.hold_id, basis_status.basis_id, basis_status.person_id, basis_status.status, basis_status.ceiling_on
    from active
    inner join basis_status on active.scope = 'basis' and basis_status.basis_id = active.scope_key
    where basis_status.status <> 'PURGED'
    union all
    select active.hold_id, basis_status.basis_id, basis_status.person_id, basis_status.status, basis_status.ceiling_on
    from active
    inner join basis_status on active.scope = 'person' and basis_status.person_id = active.scope_key
    where basis_status.status <> 'PURGED'
    union all
    select active.hold_id, basis_status.basis_id, basis_status.person_id, basis_status.status, basis_status.ceiling_on
    from active
    inner join basis_status on active.scope = 'organisation' and basis_status.org_id = active.scope_key
    where basis_status.status <> 'PURGED'
    union all
    select active.hold_id, basis_status.basis_id, basis_status.person_id, basis_status.status, basis_status.ceiling_on
    from active
    inner join basis_status on active.scope = 'category' and basis_status.category = active.scope_key
    where basis_status.status <> 'PURGED'
)
select
    numbers.hold_id,
    count(covered.basis_id) as bases,
    count(distinct covered.person_id) as persons,
    count(case when covered.status = 'HELD' then 1 end) as held,
    count(case when covered.status = 'HELD' and covered.ceiling_on < cast(:as_of as date) then 1 end) as past_ceiling
from (select distinct hold_id from active) as numbers
left join covered on covered.hold_id = numbers.hold_id
group by numbers.hold_id
order by numbers.hold_id
