-- What of the persons who go can be looked for in a file's bytes: their addresses, and the record's key where there is
-- none. An address that another person has too proves nothing. Grain: one row per text. Holds persons.
select distinct coalesce(record.email, record.record_id) as text
from doomed_record
inner join doomed_person on doomed_person.person_id = doomed_record.person_id
inner join old.record on record.record_id = doomed_record.record_id
where length(coalesce(record.email, record.record_id)) >= 6
order by text
