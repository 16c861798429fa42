-- What the persons of listed entries are called, of none so far, one row per person.
create or replace temp table entry_name (person_id varchar, name varchar, email varchar, phone varchar)
