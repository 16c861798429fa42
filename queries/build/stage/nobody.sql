-- The rows of persons in the export at hand that may tell of nobody: neither address, number nor name begins as most do.
-- Grain: one row per row_no. Holds persons.
create or replace temp table nobody as
select row_no, email, phone, name_of(name, given_name, family_name) as name
from staged
where
    $record = 'person'
    and not begins_with_letter(email)
    and not begins_with_letter(phone)
    and not begins_with_letter(name_of(name, given_name, family_name))
