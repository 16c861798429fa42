-- The given persons and bases behind which a record is somebody else's by now. Grain: scope x id before. Holds persons.
select distinct scope, scope_key
from looked_at
where record_id in (select record_id from given_on)
