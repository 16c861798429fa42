update build.record
set email_key = completed.completed
from completed
where record.email_key = completed.original
