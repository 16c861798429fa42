-- The persons who have one of the addresses or numbers in $keys, or whom a source has under the key $text.
-- Grain: person. Holds persons.
with known_by as (
    select record_id, dataset, source_key
    from record
    where email_key in (select unnest($keys::varchar[]))
        or phone_key in (select unnest($keys::varchar[]))
        or lower(source_key) = $text
    union
    select record.record_id, record.dataset, record.source_key
    from further_identifier as further
    inner join record on record.record_id = further.record_id
    where further.key in (select unnest($keys::varchar[]))
)
select basis.person_id
from known_by
inner join basis on basis.dataset = known_by.dataset and basis.source_key = known_by.source_key
union
select basis.person_id
from known_by
inner join merged_record on merged_record.record_id = known_by.record_id
inner join basis on basis.basis_id = merged_record.basis_id
