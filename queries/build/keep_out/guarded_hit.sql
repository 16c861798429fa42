-- Which rows of this export meet which entries of the suppression list; filled by guarded_hits, once per key.
create or replace temp table guarded_hit (
    row_no bigint, suppression_id bigint, batch_id bigint, erased_on date, record_digest varchar, by_key boolean,
    is_sure boolean,
)
