-- Whose employment facts may be needed for claims, until their last day: a request alone does not end that.
-- grain: one row per basis
-- holds persons
select basis_id
from basis_status
where category in ('EMPLOYEE', 'CONTRACTOR', 'VOUCHER') and status not in ('OVERDUE', 'DUE')
