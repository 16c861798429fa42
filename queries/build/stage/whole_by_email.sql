-- The same of an export that has no key of its own: the address is the key.
create or replace temp view whole as
with told as (
    select * from template
    union all by name
    select columns(name -> not starts_with(name, 'left_out_')) from raw
)
select * replace (coalesce(source_key, lower(seen_key(email))) as source_key)
from told
