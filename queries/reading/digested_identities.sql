-- The keyed digests of who all records of the new build are about: each identifier together with the name. Grain: record x
-- identifier x spelling of the name. Holds persons, by keyed digest.
create or replace temp table digested_identities as
select record_id, keyed(identity_text(null, kind, key, name_key)) as digest
from identity
