-- Where every person stands: the worst status of its bases, and how long the contact details may be kept.
-- The core fields (name, e-mail, phone) follow the longest basis; core_until is unknown while any basis is open or doubtful.
-- grain: one row per person that is stored (a person of whom only tombstones are left is not)
-- holds persons
select
    person_id,
    case min(
        case status
            when 'OVERDUE' then 1
            when 'UNDETERMINED' then 2
            when 'HELD' then 3
            when 'DUE' then 4
            when 'STATUTORY' then 5
            when 'EXPIRING' then 6
            when 'RETAINED' then 7
            else 8
        end
    )
        when 1 then 'OVERDUE'
        when 2 then 'UNDETERMINED'
        when 3 then 'HELD'
        when 4 then 'DUE'
        when 5 then 'STATUTORY'
        when 6 then 'EXPIRING'
        when 7 then 'RETAINED'
        else 'ACTIVE'
    end as status,
    case
        when count(*) filter (where status in ('ACTIVE', 'UNDETERMINED')) = 0 then max(greatest(deadline_on, statutory_until))
    end as core_until,
    count(*) as bases,
    min(urgency) as urgency
from basis_status
where status <> 'PURGED'
group by person_id
