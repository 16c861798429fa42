-- Which rows of this export meet which entries of the suppression list, and by what; filled by guarded_hits, once per key.
-- Holds persons.
create or replace temp table guarded_hit (
    row_no bigint, suppression_id bigint, batch_id bigint, erased_on date, is_of_person boolean, record_digest varchar,
    name_digest varchar, by_key boolean, is_sure boolean, email_key varchar, phone_key varchar, email_name_digest varchar,
    phone_digest varchar, has_name boolean,
)
