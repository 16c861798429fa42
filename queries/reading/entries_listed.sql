-- The entries that a filter shows, for one connection, whose variables hold the filter: what queries/show/entries.sql
-- chooses, asked many times for an extract. Who is restricted is in no extract with names.
create or replace temp view listed as
select basis_status.*
from basis_status
where basis_status.status <> 'PURGED'
    and not (coalesce(cast(getvariable('named') as boolean), false) and basis_status.restricted)
    and (cast(getvariable('category') as varchar) is null or basis_status.category = cast(getvariable('category') as varchar))
    and (cast(getvariable('source') as varchar) is null or basis_status.source = cast(getvariable('source') as varchar))
    and (cast(getvariable('status') as varchar) is null or basis_status.status = cast(getvariable('status') as varchar))
    and (
        cast(getvariable('owner') as varchar) is null
        or basis_status.category in (select rule.category from rule where rule.owner = cast(getvariable('owner') as varchar))
    )
    and (cast(getvariable('reason') as varchar) is null or basis_status.reason = cast(getvariable('reason') as varchar))
    and (
        cast(getvariable('owned') as varchar) is null
        or position(',' || basis_status.category || ',' in ',' || cast(getvariable('owned') as varchar) || ',') > 0
    )
    and (
        cast(getvariable('due_within') as integer) is null
        or (
            basis_status.status in ('DUE', 'EXPIRING')
            and basis_status.deadline_on
            <= cast(cast(getvariable('as_of') as date) + cast(getvariable('due_within') as integer) * interval '1 day' as date)
        )
    )
    and (cast(getvariable('late_from') as integer) is null or basis_status.days_overdue >= cast(getvariable('late_from') as integer))
    and (cast(getvariable('late_to') as integer) is null or basis_status.days_overdue <= cast(getvariable('late_to') as integer))
    and (
        not cast(getvariable('pressing') as boolean)
        or basis_status.status in ('OVERDUE', 'DUE', 'EXPIRING', 'HELD', 'STATUTORY', 'UNDETERMINED')
    )
    and (
        cast(getvariable('in_order') as boolean) is null
        or basis_status.person_id in (
            select person_status.person_id
            from person_status
            -- Said here too: else all of them are gathered where nobody asks for any.
            where
                cast(getvariable('in_order') as boolean)
                and person_status.status not in ('OVERDUE', 'UNDETERMINED')
        )
    )
    and (
        cast(getvariable('former_before') as date) is null
        or (
            basis_status.status = 'ACTIVE'
            and basis_status.category = 'CUSTOMER_CONTACT'
            and basis_status.basis_id in (
                select basis.basis_id from basis where basis.former_role_since <= cast(getvariable('former_before') as date)
            )
        )
    )
    and (
        cast(getvariable('past') as boolean) is null
        or (basis_status.status = 'HELD' and basis_status.ceiling_on < cast(getvariable('as_of') as date))
        or (basis_status.status = 'UNDETERMINED' and basis_status.provisional_on < cast(getvariable('as_of') as date))
    )
    and (cast(getvariable('sought') as boolean) is null or basis_status.person_id in (select sought.person_id from sought))
    and (cast(getvariable('person') as varchar) is null or basis_status.person_id = cast(getvariable('person') as varchar))
