update build.record
set phone_key = completed.completed
from completed
where record.phone = completed.original and record.phone_key is null
