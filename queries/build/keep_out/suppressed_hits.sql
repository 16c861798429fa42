-- Whether a row that is on the list stays out: unless it was registered after every erasure that it is listed for.
-- What is left of a row that its source has emptied is nobody who came back. A source still has whom it was to erase
-- where the record is there by its key, or where somebody erased from the same dataset is kept out by e-mail or phone: a
-- source that gives its records new keys has erased nobody. Grain: row x entry.
insert into suppressed_hit
with told as (
    select
        guarded_hit.*,
        guarded.category,
        guarded.is_identified,
        guarded_hit.suppression_id in (
            select suppression_id from suppressed where dataset = $dataset
        ) as is_from_here,
        coalesce(
            guarded.registered_on > guarded_hit.erased_on and guarded.registered_on <= $today, false
        ) as is_anew
    from guarded_hit
    inner join guarded on guarded.row_no = guarded_hit.row_no
),
judged as (
    select
        *,
        category <> 'ENV_USER' and is_identified and not is_anew as is_kept_out,
        bool_and(is_anew) over (partition by row_no) as is_all_anew
    from told
)
select
    $dataset,
    $source,
    row_no,
    suppression_id,
    batch_id,
    record_digest,
    (is_identified and by_key) or (is_kept_out and is_from_here),
    case
        when is_kept_out then 'kept_out'
        when category = 'ENV_USER' or not is_identified then null
        when is_all_anew and row_no not in (select row_no from bad_row) then 'let_in'
    end,
    category <> 'ENV_USER' and (not is_all_anew or not is_identified)
from judged
