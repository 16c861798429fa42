update guarded
set email_key = completed.completed
from completed
where guarded.email_key = completed.original
