-- Texts by which grants and mailings are called, or refer to something, that have the address of an erased person in them, by
-- the entries of one key of the suppression list, and of nobody who is stored; with the keyed digest that stands for one where
-- there has to be something. Grain: one row per text. Holds persons.
insert into erased_text
with told as (
    select unnest([grant_key, account, ticket]) as text
    from told_grant
    union
    select holder
    from told_grant
    where email_key(holder) is distinct from holder
    union
    select approver
    from told_grant
    where email_key(approver) is distinct from approver
    union
    select unnest([send_key, mailing_key])
    from told_mailing
    union
    select opt_out_key
    from told_opt_out
),
part as (
    select text, trim(unnest(regexp_extract_all(text, '[^\s,;:|/=<>()"'']+@[^\s,;:|/=<>()"'']+')), '.') as part
    from told
    where contains(text, '@')
),
unclaimed as (
    select part.text, keyed('email|' || email_key(part.part)) as digest
    from part
    anti join build.record on record.email_key = email_key(part.part)
    anti join build.further_identifier as further on further.key = email_key(part.part) and further.kind = 'email'
    anti join erased_text on erased_text.text = part.text
    where email_key(part.part) is not null
)
select unclaimed.text, keyed('text|' || unclaimed.text)
from unclaimed
semi join (
    select email_digest
    from suppressed
    where key_id = $key_id
) as mine on mine.email_digest = unclaimed.digest
group by unclaimed.text
