-- The persons whose reference, all of it, begins as $low does, of which $high is the end; persons lie in the order of it.
-- Grain: person. Holds persons.
select person_id
from person
where person_id >= $low and person_id < $high
