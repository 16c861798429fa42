-- Which engagements the vouchers of the export at hand name. Grain: one row per key. Holds persons.
create or replace temp table relation as
select distinct $dataset::varchar as dataset, $source::varchar as source, relation_key
from staged
where relation_key is not null
