-- Loads customers' environments. What is filled and cannot be read is told by its field: it is unknown, not empty.
insert into build.environment
with read as (
    select
        dated.*,
        defaults.meaning = 'yes' as has_defaults,
        cleaning.meaning = 'yes' as is_cleaned,
        customised.meaning = 'yes' as is_customised,
        try_cast(regexp_extract(default_days, '^[0-9]{1,5}') as integer) as default_number,
        try_cast(regexp_extract(period_days, '^[0-9]{1,5}') as integer) as period_number
    from dated
    left join common_word as defaults on defaults.kind = 'truth' and defaults.word = lower(dated.default_settings)
    left join common_word as cleaning on cleaning.kind = 'truth' and cleaning.word = lower(dated.auto_clean)
    left join common_word as customised on customised.kind = 'truth' and customised.word = lower(dated.period_customised)
    where row_no not in (select row_no from bad_row)
)
select
    $dataset,
    $source,
    source_key,
    org_key,
    contract_key,
    agreement,
    has_defaults,
    is_cleaned,
    coalesce(is_customised, period_number <> default_number),
    default_number,
    period_number,
    period_changed_on_day,
    cleaned_on_day,
    restore_tested_on_day,
    closed_on_day,
    list_filter(
        [
            case when has_defaults is null then if(default_settings is null, null, 'default_settings') end,
            case when is_cleaned is null then if(auto_clean is null, null, 'auto_clean') end,
            case when is_customised is null then if(period_customised is null, null, 'period_customised') end,
            case when default_number is null then if(default_days is null, null, 'default_days') end,
            case when period_number is null then if(period_days is null, null, 'period_days') end,
            case when period_changed_on_day is null then if(period_changed_on is null, null, 'period_changed_on') end,
            case when cleaned_on_day is null then if(cleaned_on is null, null, 'cleaned_on') end,
            case when restore_tested_on_day is null then if(restore_tested_on is null, null, 'restore_tested_on') end,
            case when closed_on_day is null then if(closed_on is null, null, 'closed_on') end
        ],
        lambda field: field is not null
    )
from read
