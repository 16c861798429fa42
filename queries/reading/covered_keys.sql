-- Which of given persons, bases and organisations the new build has. Grain: scope x id. Holds persons.
with wanted as (
    select unnest($scopes::varchar[]) as scope, unnest($keys::varchar[]) as scope_key
)
select scope, scope_key
from wanted
where case scope
    when 'person' then scope_key in (select person_id from build.basis where erased_on is null)
    when 'basis' then scope_key in (select basis_id from build.basis where erased_on is null)
    when 'organisation' then scope_key in (select org_id from build.basis where erased_on is null)
end
