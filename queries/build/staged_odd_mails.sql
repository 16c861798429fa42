-- The same as odd_mails, of rows that are not in the build yet.
select distinct email_key
from guarded
where email_key is not null and not regexp_full_match(split_part(email_key, '@', 2), '[ -~]*')
