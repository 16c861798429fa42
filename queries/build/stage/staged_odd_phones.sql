-- The same as odd_phones, of rows that are not in the build yet.
select distinct phone
from guarded
where phone is not null and phone_key is null
