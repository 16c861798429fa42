-- Every entry's status: of the touched ones as it is now, first, and of all others as it was.
select *
from now
union all
select *
from status_before
where basis_id not in (select basis_id from now)
