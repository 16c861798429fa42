-- Keeps the grants of an export until the build is finished. Whose they are, and who approved, is a key or an address of
-- staff: a name in words is nobody's for sure, and is not kept. What is filled and cannot be read is told by its field.
insert into told_grant
with read as (
    select
        dated.*,
        coalesce(email_key(holder), case when not contains(holder, ' ') then holder end) as holder_key,
        coalesce(email_key(approver), case when not contains(approver, ' ') then approver end) as approver_key,
        common_word.meaning as purpose_meaning
    from dated
    left join common_word on common_word.kind = 'purpose' and common_word.word = lower(dated.purpose)
    where row_no not in (select row_no from bad_row)
)
select
    $dataset,
    $source,
    row_no,
    source_key,
    environment_key,
    holder_key,
    account,
    case when purpose is not null then coalesce(purpose_meaning, 'other') end,
    ticket,
    approver_key,
    granted_on_day,
    valid_until_day,
    reviewed_on_day,
    revoked_on_day,
    false,
    list_filter(
        [
            case when holder_key is null then if(holder is null, null, 'holder') end,
            case when approver_key is null then if(approver is null, null, 'approver') end,
            case when granted_on_day is null then if(granted_on is null, null, 'granted_on') end,
            case when valid_until_day is null then if(valid_until is null, null, 'valid_until') end,
            case when reviewed_on_day is null then if(reviewed_on is null, null, 'reviewed_on') end,
            case when revoked_on_day is null then if(revoked_on is null, null, 'revoked_on') end
        ],
        lambda field: field is not null
    )
from read
