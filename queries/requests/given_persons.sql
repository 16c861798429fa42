-- Who has an address or a number that a request gives, with the names that stand with it.
-- grain: one row per person x name
-- holds persons
with known_as as (
    select record.record_id, record.dataset, record.source_key, record.name_key
    from record
    where record.email_key = cast(:key as varchar(320)) or record.phone_key = cast(:key as varchar(320))
    union
    select record.record_id, record.dataset, record.source_key, record.name_key
    from further_identifier as further
    inner join record on record.record_id = further.record_id
    where further.key = cast(:key as varchar(320))
)
select basis.person_id, known_as.name_key
from known_as
inner join basis on basis.dataset = known_as.dataset and basis.source_key = known_as.source_key
union
select basis.person_id, known_as.name_key
from known_as
inner join merged_record on merged_record.record_id = known_as.record_id
inner join basis on basis.basis_id = merged_record.basis_id
order by person_id, name_key
