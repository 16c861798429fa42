-- What grants are called by and refer to, in whatever words a source has for it; who holds and who approved them too, where
-- that is no address. Grain: one row per text. Holds persons.
with told as (
    select unnest([grant_key, account, ticket]) as text
    from old.access_grant
    union
    select holder
    from old.access_grant
    where email_key(holder) is distinct from holder
    union
    select approver
    from old.access_grant
    where email_key(approver) is distinct from approver
)
select text
from told
where text is not null
