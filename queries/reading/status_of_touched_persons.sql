-- Every entry of the persons of whom one was touched.
select *
from basis_status
where person_id in (select person_id from now)
