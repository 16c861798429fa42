-- What became of the entries that a bridge starts from, and how others came to be overdue since $day.
-- Grain: one row per entry that was or is overdue and is stored. Holds persons.
with standing as (
    select basis_id, person_id, category, status, deadline_on, left(sha256($secret || basis_id), 16) as digest
    from basis_status
    where (status in ('OVERDUE', 'HELD', 'UNDETERMINED')) = $pressing and status <> 'PURGED'
),
met as (
    select standing.*, was.place, back.person_id is not null as came_back
    from standing
    left join was on was.digest = standing.digest
    left join back on back.person_id = standing.person_id and back.category = standing.category
    where standing.status = 'OVERDUE' or was.place = 'overdue'
)
select
    $number as start_number,
    basis_id,
    case
        when place = 'overdue' and status = 'OVERDUE' then 'stayed'
        when place = 'overdue' and status = 'HELD' then 'held'
        when place = 'overdue' and status = 'UNDETERMINED' then 'corrected'
        when place = 'overdue' then 'extended'
        when place = 'undetermined' then 'newly_determined'
        when place = 'held' then 'released'
        when came_back then 'reappeared'
        when deadline_on >= $day then 'newly_due'
        else 'arrived'
    end as cause
from met
