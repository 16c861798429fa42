-- Persons with several records, put together.
insert into build.person_of_several
with put_together as (
    select
        owned.person_id,
        first(owned.name order by owned.name is null, owned.source_key) as name,
        first(owned.email order by owned.email is null, owned.source_key) as email,
        first(owned.phone order by owned.phone is null, owned.source_key) as phone,
        count(distinct owned.source) as sources
    from owned
    inner join several on several.person_id = owned.person_id
    where owned.erased_on is null
    group by owned.person_id
),
counted as (
    select basis.person_id, count(*) as bases
    from build.basis
    inner join several on several.person_id = basis.person_id
    group by basis.person_id
)
select put_together.*, counted.bases
from put_together
inner join counted on counted.person_id = put_together.person_id
order by put_together.person_id
