-- The entries behind one bar of the bridge, the most pressing first.
-- grain: one row per entry
-- holds persons
select
    basis_status.basis_id,
    basis_status.person_id,
    basis_status.category,
    basis_status.source,
    basis_status.status,
    basis_status.deadline_on
from bridge_entry
inner join basis_status on basis_status.basis_id = bridge_entry.basis_id
where bridge_entry.start_number = cast(:start as integer) and bridge_entry.cause = cast(:cause as varchar(20))
order by basis_status.urgency, basis_status.basis_id
limit :rows offset :skip
