-- Which addresses of mailings and opt-outs are those of an erased person, by the entries of one key of the suppression list,
-- and of nobody who is stored. Grain: one row per address. Holds persons.
insert into erased_addressee
with named as (
    select address from told_mailing
    union
    select address from told_opt_out
),
unclaimed as (
    select named.address, keyed('email|' || named.address) as digest
    from named
    anti join build.record on record.email_key = named.address
    anti join build.further_identifier as further on further.key = named.address
    anti join erased_addressee on erased_addressee.address = named.address
    where named.address is not null
)
select unclaimed.address, min(suppressed.erased_on)
from unclaimed
inner join suppressed on suppressed.key_id = $key_id and suppressed.email_digest = unclaimed.digest
group by unclaimed.address
