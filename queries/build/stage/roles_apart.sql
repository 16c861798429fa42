-- Roles that are a personal identity number. Grain: one row per way of writing. Holds persons.
create or replace temp table role_apart as
select distinct role
from staged
where looks_like_personnummer(role)
