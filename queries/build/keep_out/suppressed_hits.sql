-- Whether a row that is on the list stays out: where it is surely who was erased, unless it was registered after every
-- erasure that it is listed for. What is left of a row that its source has emptied is nobody who came back. Who may be
-- somebody else is let in and told (`possible`). A source still has whom it was to erase where the record is there by its
-- key, or where somebody erased from the same dataset is kept out by e-mail or phone: a source that gives its records new
-- keys has erased nobody. Grain: row x entry.
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
        category <> 'ENV_USER' and is_identified and not is_anew as would_stay_out,
        bool_and(is_anew) filter (where is_sure) over (partition by row_no) as is_all_anew,
        bool_or(is_sure) over (partition by row_no) as has_sure
    from told
)
select
    $dataset,
    $source,
    row_no,
    suppression_id,
    batch_id,
    record_digest,
    (is_identified and by_key) or (would_stay_out and is_sure and is_from_here),
    would_stay_out and not has_sure and is_from_here,
    case
        when would_stay_out and is_sure then 'kept_out'
        when would_stay_out and not has_sure and row_no not in (select row_no from bad_row) then 'possible'
        when category = 'ENV_USER' or not is_identified or not is_sure then null
        when is_all_anew and row_no not in (select row_no from bad_row) then 'let_in'
    end,
    is_sure and category <> 'ENV_USER' and (not is_all_anew or not is_identified)
from judged
