-- What is known of one person: contact details, and how long they may be kept; :low is the lowest urgency of theirs.
-- grain: at most one row
-- holds persons
select
    person.person_id,
    person.name,
    person.email,
    person.phone,
    person.sources,
    person.bases,
    person_status.status,
    person_status.core_until
from person
inner join person_status on person_status.person_id = person.person_id
where person.person_id = cast(:person as varchar(40))
    -- Numbers are sooner looked through than ids.
    and (cast(:low as integer) is null or person_status.urgency = cast(:low as integer))
