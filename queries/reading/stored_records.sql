-- Which of given keyed digests are of records of the new build. Grain: one row per record. Holds persons, by keyed digest.
with wanted as (
    select distinct unnest($records::varchar[]) as record_key
)
select wanted.record_key
from wanted
where wanted.record_key in (
    select digested_records.digest
    from digested_records
    semi join build.basis_record on basis_record.record_id = digested_records.record_id
)
