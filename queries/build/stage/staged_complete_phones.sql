-- What complete_phones does, for rows that are not in the build yet.
update guarded
set phone_key = completed.completed
from completed
where guarded.phone = completed.original and guarded.phone_key is null
