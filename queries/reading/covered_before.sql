-- In which sources and categories given persons, bases and organisations had entries in the build before. Grain: scope x
-- id x source x category. Holds persons.
with wanted as (
    select unnest($scopes::varchar[]) as scope, unnest($keys::varchar[]) as scope_key
)
select distinct wanted.scope, wanted.scope_key, basis.source, basis.category
from wanted
inner join old.basis
    on case wanted.scope
        when 'person' then basis.person_id
        when 'basis' then basis.basis_id
        when 'organisation' then basis.org_id
    end = wanted.scope_key
where basis.erased_on is null
