-- The same as odd_mails, of rows that are not in the build yet.
select distinct email_key
from guarded
where strlen(email_key) > length(email_key)  -- more bytes than letters: most have none outside ASCII at all
    and not regexp_full_match(split_part(email_key, '@', 2), '[ -~]*')
