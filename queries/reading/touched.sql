-- The entries that a change of the register's facts bears on: a hold's by its scope, a request's by whom it is about.
-- They are as the reading before saw them, which may be otherwise than the build has them: with dates that were accepted.
select *
from basis
where basis_id in (select scope_key from changed where scope = 'basis')
    or person_id in (select scope_key from changed where scope = 'person')
    or org_id in (select scope_key from changed where scope = 'organisation')
    or category in (select scope_key from changed where scope = 'category')
    or person_id in (
        select request_person.person_id
        from request_person
        inner join changed
            on changed.scope = 'request ' || request_person.source
            and changed.scope_key = request_person.reference
    )
