-- Whether a row that is on the list stays out: where it is surely who was erased, unless it was registered after every
-- erasure that it is listed for. What is left of a row that its source has emptied is nobody who came back. Who may be
-- somebody else is let in and told (`possible`), unless it is known to be: what somebody has decided of a record holds
-- for it as long as it is met by the same, and for the same address with another name than the erased one's. By a number
-- that was nobody else's one name is asked about at a time, and none while somebody has it of whom it was decided. A source
-- still has whom it was to erase where the record is there by its key, or where somebody erased from the same dataset is
-- kept out by e-mail or phone: a source that gives its records new keys has erased nobody. Grain: row x entry.
insert into suppressed_hit
with other as (
    select * from asked where verdict = 'other'
),
-- The same address or number with the same name as something that was decided to be another person's.
contested as (
    select
        guarded_hit.row_no,
        guarded_hit.suppression_id,
        bool_or(other.record_digest = guarded_hit.record_digest) as is_of_record
    from guarded_hit
    inner join other
        on other.batch_id = guarded_hit.batch_id
        and (
            other.email_name_digest = guarded_hit.email_name_digest or other.phone_digest = guarded_hit.phone_digest
        )
    where not guarded_hit.by_key
    group by guarded_hit.row_no, guarded_hit.suppression_id
),
another as (
    select contested.row_no, contested.suppression_id
    from contested
    inner join guarded_hit
        on guarded_hit.row_no = contested.row_no and guarded_hit.suppression_id = contested.suppression_id
    where contested.is_of_record or not guarded_hit.has_name
    union
    select guarded_hit.row_no, guarded_hit.suppression_id
    from guarded_hit
    inner join other
        on other.suppression_id = guarded_hit.suppression_id and other.record_digest = guarded_hit.record_digest
    where not guarded_hit.is_sure and coalesce(other.name_digest = guarded_hit.name_digest, true)
    union
    select row_no, suppression_id from stood_before
),
told as (
    select
        guarded_hit.* exclude (is_sure),
        is_sure and (row_no, suppression_id) not in (select row_no, suppression_id from contested) as is_sure,
        (row_no, suppression_id) in (select row_no, suppression_id from another) as is_another,
        guarded.category,
        guarded.is_identified,
        guarded_hit.suppression_id in (
            select suppression_id from suppressed where dataset = $dataset
        ) as is_from_here,
        phone_key is not null and email_key is null and not by_key and not has_name
        and guarded_hit.suppression_id not in (
            select suppression_id from suppressed where is_shared_phone
        ) as by_number,
        coalesce(
            guarded.registered_on > guarded_hit.erased_on and guarded.registered_on <= $today, false
        ) as is_anew
    from guarded_hit
    inner join guarded using (row_no)
),
judged as (
    select
        *,
        category <> 'ENV_USER' and is_identified and not is_anew as would_stay_out,
        bool_and(is_anew) filter (where is_sure) over (partition by row_no) as is_all_anew,
        not bool_or(is_sure) over (partition by row_no) and not is_another as is_possible
    from told
),
-- By a number that was nobody else's and is borne under several names one of them is asked about, the one that was before.
numbered as (
    select
        row_no,
        suppression_id,
        name_digest,
        bool_or((suppression_id, record_digest) in (select suppression_id, record_digest from asked))
            over (partition by suppression_id, name_digest) as is_asked
    from judged
    where by_number and is_possible and would_stay_out and row_no not in (select row_no from bad_row)
),
in_turn as (
    select
        row_no,
        suppression_id,
        dense_rank() over (partition by suppression_id order by is_asked desc, name_digest) as place
    from numbered
),
anothers_number as (
    select suppression_id
    from told
    where by_number and is_another
),
settled as (
    select
        * exclude (is_possible),
        is_possible
        and not (by_number and suppression_id in (select suppression_id from anothers_number))
        and (row_no, suppression_id) not in (select row_no, suppression_id from in_turn where place > 1)
            as is_possible
    from judged
)
select
    $dataset,
    $source,
    row_no,
    suppression_id,
    batch_id,
    record_digest,
    name_digest,
    email_name_digest,
    phone_digest,
    is_identified and is_from_here and is_sure and (by_key or would_stay_out),
    would_stay_out and is_possible and is_from_here,
    case
        when would_stay_out and is_sure then 'kept_out'
        when would_stay_out and is_possible and row_no not in (select row_no from bad_row) then 'possible'
        when category = 'ENV_USER' or not is_identified or not is_sure then null
        when is_all_anew and row_no not in (select row_no from bad_row) then 'let_in'
    end,
    is_sure and category <> 'ENV_USER' and (not is_all_anew or not is_identified)
from settled
