-- The same of the keys together with the names. Grain: record x spelling of the name. Holds persons, by keyed digest.
create or replace temp table digested_names as
select record_id, keyed('held|name|' || record_id || '|' || coalesce(name_key, '')) as digest
from named
