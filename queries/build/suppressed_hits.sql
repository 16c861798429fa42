-- Whether a row that is on the list stays out: unless it was registered after every erasure that it is listed for.
-- What is left of a row that its source has emptied is nobody who came back. Grain: row x entry.
insert into suppressed_hit
with told as (
    select
        guarded_hit.*,
        guarded.category,
        guarded.is_identified,
        coalesce(
            guarded.registered_on > guarded_hit.erased_on and guarded.registered_on <= $today, false
        ) as is_anew
    from guarded_hit
    inner join guarded on guarded.row_no = guarded_hit.row_no
),
judged as (
    select *, bool_and(is_anew) over (partition by row_no) as is_all_anew
    from told
)
select
    $dataset,
    $source,
    row_no,
    suppression_id,
    batch_id,
    record_digest,
    by_key and is_identified,
    case
        when category = 'ENV_USER' or not is_identified then null
        when not is_anew then 'kept_out'
        when is_all_anew and row_no not in (select row_no from bad_row) then 'let_in'
    end,
    category <> 'ENV_USER' and (not is_all_anew or not is_identified)
from judged
