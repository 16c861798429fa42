-- Between which urgencies the entries of a person lie. Grain: one row. Holds persons.
select min(urgency) as low, max(urgency) as high
from person_place
where person_hash = hash($person)
