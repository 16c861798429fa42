-- Keeps the opt-outs of an export until the build is finished: of which address, when it was asked and since when it acts.
-- What is filled and cannot be read is told by its field.
insert into told_opt_out
with read as (
    select dated.*, email_key(email) as address
    from dated
    where row_no not in (select row_no from bad_row)
)
select
    $dataset,
    $source,
    source_key,
    address,
    opted_out_on_day,
    effective_on_day,
    false,
    list_filter(
        [
            case when address is null then if(email is null, null, 'email') end,
            case when opted_out_on_day is null then if(opted_out_on is null, null, 'opted_out_on') end,
            case when effective_on_day is null then if(effective_on is null, null, 'effective_on') end
        ],
        lambda field: field is not null
    )
from read
