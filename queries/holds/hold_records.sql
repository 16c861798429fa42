-- Which records stand behind a person or a basis that is held.
-- grain: one row per record_id
-- holds persons
select basis_record.record_id
from basis_record
inner join basis on basis.basis_id = basis_record.basis_id
where case cast(:scope as varchar(20))
    when 'basis' then basis.basis_id
    when 'person' then basis.person_id
end = cast(:scope_key as varchar(120))
order by basis_record.record_id
