-- A batch's entries, those that stay first, then the oldest; the names only where the caller may see persons.
-- grain: one row per entry of the batch that is stored
-- holds persons
select
    decided.basis_key,
    decided.stays,
    basis_status.basis_id,
    basis_status.person_id,
    case when cast(:named as boolean) then person.name end as name,
    case when cast(:named as boolean) then person.email end as email,
    case when cast(:named as boolean) then person.phone end as phone,
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
    basis_status.objected,
    basis_status.restricted,
    basis_status.has_hold,
    basis_status.open_request,
    basis_status.moved_by_source,
    basis_status.moved_field,
    basis_status.moved_to,
    rule.period,
    rule.section
from decided
inner join basis_status on basis_status.basis_id = decided.basis_id
left join person on person.person_id = decided.person_id
left join rule on rule.category = basis_status.category
where cast(:owned as varchar(400)) is null
    or position(',' || basis_status.category || ',' in ',' || cast(:owned as varchar(400)) || ',') > 0
order by decided.stays nulls last, basis_status.deadline_on nulls last, decided.basis_key
limit cast(:rows as integer) offset cast(:skip as integer)
