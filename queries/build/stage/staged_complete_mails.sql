-- What complete_mails does, for rows that are not in the build yet.
update guarded
set email_key = completed.completed
from completed
where guarded.email_key = completed.original
