-- Numbers that the plain forms did not cover; grain: one row per way of writing.
select distinct phone
from build.record
where phone is not null and phone_key is null
