-- The rows of this run that are on the suppression list. Grain: row x entry. Holds figures.
select
    dataset, source, row_no, suppression_id, batch_id, record_digest, name_digest, email_name_digest, phone_digest, still_there,
    is_undecided, kind
from suppressed_hit
order by dataset, row_no, suppression_id
