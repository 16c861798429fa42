-- Each way in which the reason of a listed entry is said, but for its dates, numbers and values.
select distinct
    listed.status,
    listed.reason,
    listed.reason_field,
    rule.period,
    rule.section,
    listed.provisional_on is not null as provisional,
    listed.ceiling_on is not null as ends,
    listed.deadline_on is distinct from listed.ceiling_on as after_hold,
    coalesce(listed.days_overdue = 1, false) as one_day,
    case when listed.moved_by_source then coalesce(listed.moved_field, '') end as moved_field,
    listed.moved_by_source and listed.moved_to is null as moved_away
from listed
left join rule on listed.category = rule.category
