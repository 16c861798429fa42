-- The persons of the build before of whom nothing is left in this one, by keyed digest. Grain: one row per person. Holds
-- persons, by keyed digest.
select keyed('person|' || was.person_id) as digest
from old.basis as was
inner join old.basis_record as had on had.basis_id = was.basis_id
left join build.basis_record as has on has.record_id = had.record_id
where was.erased_on is null
group by was.person_id
having count(has.record_id) = 0
