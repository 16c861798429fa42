-- The entries of the persons from one to before another.
select *
from basis
where person_id >= $low and person_id < $high
