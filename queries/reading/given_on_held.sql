-- The given persons and bases behind which a record is somebody else's by now, and the persons whose id is: an id comes from
-- an address, which goes to a successor without the record. Grain: scope x id before. Holds persons.
select scope, scope_key
from looked_at
where record_id in (select record_id from given_on)
union
select looked_at.scope, looked_at.scope_key
from looked_at
inner join old.record as was on was.record_id = looked_at.record_id
inner join build.basis on basis.person_id = looked_at.scope_key
inner join build.basis_record on basis_record.basis_id = basis.basis_id
inner join build.record as now on now.record_id = basis_record.record_id
where looked_at.scope = 'person'
group by looked_at.scope, looked_at.scope_key
having bool_and(
    coalesce(
        now.record_id <> was.record_id
        and not list_has_all(words_of(was.name_key), words_of(now.name_key))
        and not list_has_all(words_of(now.name_key), words_of(was.name_key)),
        false
    )
)
