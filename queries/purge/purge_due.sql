-- The entries of one category whose planned purge has come and that nothing keeps, the oldest first.
-- grain: one row per basis
-- holds persons
select basis_id, category, source, status, deadline_on
from basis_status
where category = cast(:category as varchar(40))
    and status in ('OVERDUE', 'DUE')
    and not open_request
    and not has_hold
    and not restricted
order by deadline_on, basis_id
limit cast(:rows as integer)
