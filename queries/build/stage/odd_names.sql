-- Names that are more than plain words; null is all others. Grain: one row per way of writing. Holds persons.
with named as (
    select coalesce(name, nullif(concat_ws(' ', given_name, family_name), '')) as full_name
    from staged
)
select distinct case when not is_plain_name(full_name) and name_key(full_name) is null then full_name end as odd
from named
