-- The persons whose name, address or number has what was typed in it, whom a source has under just that key, or whose
-- reference begins with it: $address is what may be a part of an address, $words a pattern of the words of a name in the
-- order of the alphabet, in one spelling, $digits are of a number. To change letters or spelling costs more than all
-- else: only where the part of it is that is the same in whatever letters ($fixed) or spelling ($unspelled).
-- Grain: person. Holds persons.
with known_by as (
    select record_id, dataset, source_key
    from record
    where case when contains(name, $fixed) then contains(lower(name), $text) end
        or case when contains(email, $fixed) then contains(lower(email), $address) end
        or case
            when contains(name_key, $unspelled)
                then ' ' || replace(replace(replace(replace(name_key, 'aa', 'a'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u')
                    like $words
        end
        or contains(phone_key, $digits)
        or case when contains(source_key, $fixed) then lower(source_key) = $text end
    union
    select record.record_id, record.dataset, record.source_key
    from further_identifier as further
    inner join record on record.record_id = further.record_id
    where contains(further.key, $digits)
)
select person_id
from person
where person_id >= $reference and person_id < $reference || 'g'
union
select basis.person_id
from known_by
inner join basis on basis.dataset = known_by.dataset and basis.source_key = known_by.source_key
union
select basis.person_id
from known_by
inner join merged_record on merged_record.record_id = known_by.record_id
inner join basis on basis.basis_id = merged_record.basis_id
