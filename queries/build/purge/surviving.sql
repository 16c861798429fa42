-- What stays as the new build is to have it. Holds persons.
-- Engagements of which no record is left: the vouchers that the law keeps name them by a keyed digest from now on, the one
-- of the suppression list. Grain: one row per source x key.
create or replace temp table unlinked as
select
    source,
    source_key as relation_key,
    first(keyed('record|' || record_id) order by ends_on desc nulls last, record_id) as digest
from doomed_record
where category in ('EMPLOYEE', 'CONTRACTOR')
    and (source, source_key) not in (
        select record.source, record.source_key
        from old.record
        anti join doomed_record on doomed_record.record_id = record.record_id
        where record.category in ('EMPLOYEE', 'CONTRACTOR')
    )
group by source, source_key;

-- Grain: one row per record_id.
create or replace temp view surviving_record as
select record.* replace (coalesce(unlinked.digest, record.relation_key) as relation_key)
from record_before as record
anti join doomed_record on doomed_record.record_id = record.record_id
left join unlinked on unlinked.source = record.source and unlinked.relation_key = record.relation_key;

-- All that tells who goes, and that nobody who stays, or asks, has too, since such a one proves nothing. Grain: one row per
-- text.
create or replace temp table doomed_string as
with going as (
    select
        unnest(
            list_concat(
                [
                    record.record_id, record.source_key, record.name, record.name_key, lower(record.email),
                    record.email_key, record.phone, record.phone_key, record.cookie_name
                ],
                string_split(record.email, ', ')
            )
        ) as text
    from old.record
    semi join doomed_record on doomed_record.record_id = record.record_id
    union all
    select further.key
    from further
    semi join doomed_record on doomed_record.record_id = further.record_id
),
kept as (
    select
        unnest(
            list_concat(
                [
                    record_id, source_key, name, name_key, lower(email), email_key, phone, phone_key, cookie_name,
                    relation_key
                ],
                string_split(email, ', ')
            )
        ) as text
    from surviving_record
    union all
    select further.key
    from further
    anti join doomed_record on doomed_record.record_id = further.record_id
    union all
    select unnest([email_key, phone_key, name_key])
    from surviving_request_key
),
told as (
    select distinct text from going where text is not null
)
select told.text
from told
anti join kept on kept.text = told.text;
