-- How many customer contacts are active although they left their role on :seen_before or earlier.
-- grain: one row
-- holds figures
select count(*) as bases
from basis_status
inner join basis on basis.basis_id = basis_status.basis_id
where basis_status.status = 'ACTIVE'
    and basis_status.category = 'CUSTOMER_CONTACT'
    and basis.former_role_since <= cast(:seen_before as date)
