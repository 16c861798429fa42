-- Why entries cannot be determined, and how many would be overdue if the worst were true.
-- grain: one row per reason
-- holds figures
select
    reason,
    count(*) as bases,
    count(*) filter (where provisional_on < cast(:as_of as date)) as past_provisional
from basis_status
where status = 'UNDETERMINED'
group by reason
order by bases desc, reason
