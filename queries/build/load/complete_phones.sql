-- Gives records whose number Python had to read the key that others of the same number have.
update build.record
set phone_key = completed.completed
from completed
where record.phone = completed.original and record.phone_key is null
