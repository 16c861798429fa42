-- Which engagements the vouchers name that a purge leaves. Grain: one row per dataset x key. Holds persons.
create or replace temp table relation as
select distinct dataset, source, relation_key
from read_parquet(getvariable('survivors') || '/record.parquet')
where relation_key is not null
