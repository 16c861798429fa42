-- Between which urgencies a page of queries/show/entries.sql lies, and how many entries of its filter come before them.
-- With it the page is read from where it is, however many entries there are.
-- grain: one row
-- holds figures
with listed as (
    select
        basis_status.urgency,
        basis_status.basis_id
    from basis_status
    where basis_status.status <> 'PURGED'
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
),
page as (
    select urgency
    from listed
    order by urgency, basis_id
    limit cast(:rows as integer) offset cast(:skip as integer)
)
select
    (select min(urgency) from page) as low,
    (select max(urgency) from page) as high,
    (select count(*) from listed where urgency < (select min(urgency) from page)) as earlier
