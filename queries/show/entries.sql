-- The entries that a filter shows, most pressing first; the names only where the caller may see persons.
-- grain: one row per basis
-- holds persons
-- The page is chosen first; rules and names are fetched for it alone.
with chosen as (
    select
        basis_status.*
    from basis_status
    where basis_status.status <> 'PURGED'
        and basis_status.urgency
        between coalesce(cast(:low as integer), 0) and coalesce(cast(:high as integer), 99999999)
        and (cast(:category as varchar(40)) is null or basis_status.category = cast(:category as varchar(40)))
        and (cast(:source as varchar(40)) is null or basis_status.source = cast(:source as varchar(40)))
        and (cast(:status as varchar(20)) is null or basis_status.status = cast(:status as varchar(20)))
        and (
            cast(:owner as varchar(40)) is null
            or basis_status.category in (select rule.category from rule where rule.owner = cast(:owner as varchar(40)))
        )
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
            cast(:in_order as boolean) is null
            or basis_status.person_id in (
                select person_status.person_id
                from person_status
                -- Said here too: else all of them are gathered where nobody asks for any.
                where cast(:in_order as boolean) and person_status.status not in ('OVERDUE', 'UNDETERMINED')
            )
        )
        and (
            cast(:former_before as date) is null
            or (
                basis_status.status = 'ACTIVE'
                and basis_status.category = 'CUSTOMER_CONTACT'
                and basis_status.basis_id in (
                    select basis.basis_id from basis where basis.former_role_since <= cast(:former_before as date)
                )
            )
        )
        and (
            cast(:past as boolean) is null
            or (basis_status.status = 'HELD' and basis_status.ceiling_on < cast(:as_of as date))
            or (basis_status.status = 'UNDETERMINED' and basis_status.provisional_on < cast(:as_of as date))
        )
        and (cast(:sought as boolean) is null or basis_status.person_id in (select sought.person_id from sought))
        and (cast(:person as varchar(40)) is null or basis_status.person_id = cast(:person as varchar(40)))
    order by basis_status.urgency, basis_status.basis_id
    limit cast(:rows as integer) offset cast(:skip as integer)
)
select
    chosen.basis_id,
    chosen.person_id,
    case when cast(:named as boolean) then person.name end as name,
    case when cast(:named as boolean) then person.email end as email,
    case when cast(:named as boolean) then person.phone end as phone,
    chosen.category,
    chosen.source,
    chosen.status,
    chosen.reason,
    chosen.reason_field,
    chosen.reason_value,
    chosen.start_on,
    chosen.ceiling_on,
    chosen.deadline_on,
    chosen.days_overdue,
    chosen.provisional_on,
    chosen.hold_since,
    chosen.statutory_until,
    chosen.former_role,
    chosen.opted_out,
    chosen.objected,
    chosen.restricted,
    chosen.has_hold,
    chosen.open_request,
    chosen.moved_by_source,
    chosen.moved_field,
    chosen.moved_to,
    rule.period,
    rule.section,
    rule.owner
from chosen
left join rule on rule.category = chosen.category
left join person on cast(:named as boolean) and person.person_id = chosen.person_id
order by chosen.urgency, chosen.basis_id
