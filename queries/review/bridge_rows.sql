-- The entries behind one bar of the bridge, the most pressing first, as entries.sql tells them; nobody is named.
-- grain: one row per entry
-- holds persons
select
    basis_status.basis_id,
    basis_status.person_id,
    cast(null as varchar(200)) as name,
    cast(null as varchar(200)) as email,
    cast(null as varchar(200)) as phone,
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
    rule.section,
    rule.owner
from bridge_entry
inner join basis_status on basis_status.basis_id = bridge_entry.basis_id
left join rule on rule.category = basis_status.category
where bridge_entry.start_number = cast(:start as integer) and bridge_entry.cause = cast(:cause as varchar(20))
order by basis_status.urgency, basis_status.basis_id
limit cast(:rows as integer) offset cast(:skip as integer)
