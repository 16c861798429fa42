-- Addresses with letters outside ASCII in the domain; grain: one row per key.
select distinct email_key
from build.record
where email_key is not null and not regexp_full_match(split_part(email_key, '@', 2), '[ -~]*')
