-- What holds cover today, each entry counted once: entries under a hold, those whose purge it stops now, and those of
-- them that are past their last lawful day.
-- grain: one row
-- holds figures
select
    count(case when has_hold then 1 end) as bases,
    count(distinct case when has_hold then person_id end) as persons,
    count(case when status = 'HELD' then 1 end) as held,
    count(case when status = 'HELD' and ceiling_on < cast(:as_of as date) then 1 end) as past_ceiling
from basis_status
where status <> 'PURGED'
