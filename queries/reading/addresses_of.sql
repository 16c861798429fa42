-- The e-mail addresses of given persons of the new build, as records are matched by. Grain: person x address. Holds persons.
with wanted as (
    select basis.person_id, basis_record.record_id
    from build.basis
    inner join build.basis_record on basis_record.basis_id = basis.basis_id
    where basis.person_id in (select unnest($persons::varchar[]))
)
select wanted.person_id, record.email_key
from wanted
inner join build.record on record.record_id = wanted.record_id
where record.email_key is not null
union
select wanted.person_id, further.key
from wanted
inner join build.further_identifier as further on further.record_id = wanted.record_id
where further.kind = 'email'
order by 1, 2
