-- Which engagements the vouchers of the previous build name. Grain: one row per dataset x key. Holds persons.
create or replace temp table relation as
select distinct dataset, source, relation_key
from old.record
where relation_key is not null
