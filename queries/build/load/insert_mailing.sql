-- Keeps the mailings of an export until the build is finished: to which address each was sent and when, what it is called by,
-- and what it was for. What is filled and cannot be read is told by its field.
insert into told_mailing
with read as (
    select
        dated.*,
        email_key(email) as address,
        common_word.meaning as use_meaning
    from dated
    left join common_word on common_word.kind = 'use' and common_word.word = lower(dated.purpose)
    where row_no not in (select row_no from bad_row)
)
select
    $dataset,
    $source,
    source_key,
    mailing_key,
    address,
    sent_on_day,
    case when purpose is not null then coalesce(use_meaning, 'other') end,
    false,
    null,
    list_filter(
        [
            case when address is null then if(email is null, null, 'email') end,
            case when sent_on_day is null then if(sent_on is null, null, 'sent_on') end
        ],
        lambda field: field is not null
    )
from read
