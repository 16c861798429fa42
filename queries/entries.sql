-- The entries that a filter shows, most pressing first; the names only where the caller may see persons.
-- grain: one row per basis
-- holds persons
select
    basis_status.basis_id,
    basis_status.person_id,
    case when cast(:named as boolean) then person.name end as name,
    case when cast(:named as boolean) then person.email end as email,
    case when cast(:named as boolean) then person.phone end as phone,
    basis.role,
    basis.org_name,
    basis_status.category,
    basis_status.source,
    basis_status.status,
    basis_status.reason,
    basis_status.reason_field,
    basis_status.reason_value,
    basis_status.start_on,
    basis_status.ceiling_on,
    basis_status.deadline_on,
    basis_status.days_overdue,
    basis_status.provisional_on,
    basis_status.hold_since,
    basis_status.statutory_until,
    basis_status.former_role,
    basis_status.opted_out,
    basis_status.has_hold,
    basis_status.open_request,
    rule.period,
    rule.section,
    rule.owner
from basis_status
inner join basis on basis.basis_id = basis_status.basis_id
left join person on person.person_id = basis_status.person_id
left join rule on rule.category = basis_status.category
where basis_status.status <> 'PURGED'
    and (cast(:category as varchar(40)) is null or basis_status.category = cast(:category as varchar(40)))
    and (cast(:source as varchar(40)) is null or basis_status.source = cast(:source as varchar(40)))
    and (cast(:status as varchar(20)) is null or basis_status.status = cast(:status as varchar(20)))
    and (cast(:owner as varchar(40)) is null or rule.owner = cast(:owner as varchar(40)))
    and (cast(:reason as varchar(40)) is null or basis_status.reason = cast(:reason as varchar(40)))
    and (
        cast(:owned as varchar(400)) is null
        or position(',' || basis_status.category || ',' in ',' || cast(:owned as varchar(400)) || ',') > 0
    )
    and (
        cast(:due_within as integer) is null
        or (
            basis_status.status in ('DUE', 'EXPIRING')
            and basis_status.deadline_on <= cast(cast(:as_of as date) + cast(:due_within as integer) * interval '1 day' as date)
        )
    )
    and (cast(:late_from as integer) is null or basis_status.days_overdue >= cast(:late_from as integer))
    and (cast(:late_to as integer) is null or basis_status.days_overdue <= cast(:late_to as integer))
    and (
        not cast(:pressing as boolean)
        or basis_status.status in ('OVERDUE', 'DUE', 'EXPIRING', 'HELD', 'STATUTORY', 'UNDETERMINED')
    )
    and (
        cast(:search as varchar(200)) is null
        or lower(coalesce(person.name, '')) like '%' || lower(cast(:search as varchar(200))) || '%'
        or lower(coalesce(person.email, '')) like '%' || lower(cast(:search as varchar(200))) || '%'
        or basis_status.person_id like lower(cast(:search as varchar(200))) || '%'
    )
    and (cast(:person as varchar(40)) is null or basis_status.person_id = cast(:person as varchar(40)))
order by
    case basis_status.status
        when 'OVERDUE' then 1
        when 'UNDETERMINED' then 2
        when 'DUE' then 3
        when 'HELD' then 4
        when 'STATUTORY' then 5
        when 'EXPIRING' then 6
        when 'RETAINED' then 7
        else 8
    end,
    coalesce(basis_status.deadline_on, basis_status.provisional_on) nulls last,
    basis_status.basis_id
limit cast(:rows as bigint) offset cast(:skip as bigint)
