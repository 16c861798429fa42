create or replace temp table guarded_hit (
    row_no bigint, suppression_id bigint, batch_id bigint, erased_on date, record_digest varchar, by_key boolean,
)
