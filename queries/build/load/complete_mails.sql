-- Gives records whose address Python had to write anew the key that others of the same address have.
update build.record
set email_key = completed.completed
from completed
where record.email_key = completed.original
