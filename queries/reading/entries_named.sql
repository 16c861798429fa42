-- What the persons of the listed entries are called that lie after one entry and up to another in the list's order, one
-- row per person.
create or replace temp table entry_name as
select person_id, name, email, phone
from person
where person_id in (
    select person_id
    from listed
    where urgency between $low and $high
        and (urgency > $low or $after is null or basis_id > $after)
        and (urgency < $high or $until is null or basis_id <= $until)
)
