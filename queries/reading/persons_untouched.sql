-- The persons of whom no entry was touched, as they stood before.
select *
from persons_before
where person_id not in (select person_id from now)
