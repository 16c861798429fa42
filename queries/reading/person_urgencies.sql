-- Where the entries of each person lie among all, which are in the order of their urgency: two numbers an entry, so that
-- whoever asks for one person looks through little. Persons of one hash are looked up as one. Grain: basis. Holds persons.
select
    hash(person_id) as person_hash,
    urgency
from basis_status
where status <> 'PURGED'
