-- The figures of the weekly review.
-- grain: one row
-- holds figures
select
    (select count(*) from person_status) as persons,
    (select count(*) from person_status where status not in ('OVERDUE', 'UNDETERMINED')) as in_order,
    (select count(*) from person_status where status = 'OVERDUE') as overdue_persons,
    count(*) filter (where status <> 'PURGED') as bases,
    count(*) filter (
        where status in ('DUE', 'EXPIRING') and deadline_on <= cast(cast(:as_of as date) + 30 * interval '1 day' as date)
    ) as due_30,
    count(*) filter (
        where status in ('DUE', 'EXPIRING') and deadline_on <= cast(cast(:as_of as date) + 90 * interval '1 day' as date)
    ) as due_90,
    count(*) filter (where status = 'OVERDUE') as overdue,
    max(days_overdue) as oldest_days,
    count(*) filter (where status = 'UNDETERMINED') as undetermined,
    count(*) filter (where status = 'HELD') as held
from basis_status
