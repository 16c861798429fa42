-- Names that are more than two plain words. Grain: one row per way of writing. Holds persons.
select distinct coalesce(name, nullif(concat_ws(' ', given_name, family_name), '')) as full_name
from staged
where full_name is not null and name_key(full_name) is null
