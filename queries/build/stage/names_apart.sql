-- Of the names of the export at hand that are not plainly two words: what they are as keys, as far as that can be told
-- here, and whether one is a personal identity number; grain: one row per way of writing. All others need not be looked
-- at again. Holds persons.
create or replace temp table name_apart as
select
    full_name,
    name_key(full_name) as key,
    looks_like_personnummer(full_name) as is_number
from (
    select distinct case when not is_plain_name(full_name) then full_name end as full_name
    from (select name_of(name, given_name, family_name) as full_name from whole)
)
where full_name is not null
