-- What the grants of some datasets are by now in the new build: whether they were revoked, and whether that can be read.
-- Grain: one row per grant. Holds persons.
select source, grant_key, revoked_on, list_contains(unread, 'revoked_on') as is_unread
from build.access_grant
where dataset in (select unnest($datasets))
