update guarded
set phone_key = completed.completed
from completed
where guarded.phone = completed.original and guarded.phone_key is null
