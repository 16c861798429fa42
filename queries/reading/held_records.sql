-- Which records of the new build stand behind given persons and bases, by keyed digest. Grain: scope x id x record.
-- Holds persons, by keyed digest.
select scope, scope_key, keyed('held|' || record_id) as record_key
from covered
