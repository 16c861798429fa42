-- What is too short to be looked for in bytes, and is a value of the new build in spite of having gone. Grain: one row per
-- text. Holds persons.
with value as (
    select unnest([record_id, source_key, name, name_key, email, email_key, phone, phone_key, relation_key]) as text
    from build.record
    union all
    select key
    from build.further_identifier
    union all
    select unnest([holder, approver, account])
    from build.access_grant
    union all
    select unnest([send_key, mailing_key, address])
    from build.mailing
    union all
    select unnest([opt_out_key, address])
    from build.opt_out
)
select distinct doomed_string.text
from doomed_string
semi join value on value.text = doomed_string.text
where length(doomed_string.text) < 6
order by doomed_string.text
