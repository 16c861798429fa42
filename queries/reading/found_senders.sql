-- Whom requests are surely from in the new build, or from by an address of their own under another name; is_sole where one
-- person surely is. Grain: source x reference x person. Holds persons.
select
    source,
    reference,
    person_id,
    array_to_string(speaks_for, ',') as speaks_for,
    is_sure and count(*) filter (where is_sure) over (partition by source, reference) = 1 as is_sole
from build.request_person
where is_sure or (list_contains(speaks_for, 'email') and not list_has_any(speaks_against, ['shared_email', 'role_mailbox']))
