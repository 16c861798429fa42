-- How much a hold of one scope and key would cover today, whether it is placed or not.
-- grain: one row
-- holds persons
select
    count(*) as bases,
    count(distinct person_id) as persons,
    count(case when status in ('OVERDUE', 'DUE', 'HELD') then 1 end) as pressing
from basis_status
where status <> 'PURGED'
    and urgency between coalesce(cast(:low as integer), 0) and coalesce(cast(:high as integer), 99999999)
    and case cast(:scope as varchar(20))
        when 'basis' then basis_id
        when 'person' then person_id
        when 'organisation' then org_id
        when 'category' then category
    end = cast(:scope_key as varchar(120))
