-- Addresses with letters outside ASCII in the domain; grain: one row per key.
select distinct email_key
from build.record
where strlen(email_key) > length(email_key)  -- more bytes than letters: most have none outside ASCII at all
    and not regexp_full_match(split_part(email_key, '@', 2), '[ -~]*')
