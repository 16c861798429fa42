-- The persons who have one of the addresses in $emails or of the numbers in $phones, or whom a source has under the key
-- $text, of which $fixed is a part in whatever letters it is written.
-- Grain: person. Holds persons.
with known_by as (
    -- Each column by itself: of what it cannot have in it nothing is read.
    select record_id, dataset, source_key
    from record
    where email_key in (select unnest($emails::varchar[]))
    union
    select record_id, dataset, source_key
    from record
    where phone_key in (select unnest($phones::varchar[]))
    union
    select record_id, dataset, source_key
    from record
    where case when contains(source_key, $fixed) then lower(source_key) = $text end
    union
    select record.record_id, record.dataset, record.source_key
    from further_identifier as further
    inner join record on record.record_id = further.record_id
    where further.key in (select unnest($emails::varchar[] || $phones::varchar[]))
)
select basis.person_id
from known_by
inner join basis on basis.dataset = known_by.dataset and basis.source_key = known_by.source_key
union
select basis.person_id
from known_by
inner join merged_record on merged_record.record_id = known_by.record_id
inner join basis on basis.basis_id = merged_record.basis_id
