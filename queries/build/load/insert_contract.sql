-- Loads the contracts of an export, with their days read and what is wrong with them.
insert into build.contract (
    dataset, source, contract_key, org_id, starts_on, ends_on, fault_code, fault_field, fault_value
)
with told as (
    select
        *,
        starts_on_day as starts,
        ends_on_day as ends,
        starts_on_fault as starts_fault,
        ends_on_fault as ends_fault
    from dated
    where row_no not in (select row_no from bad_row)
)
select
    $dataset,
    $source,
    contract_key,
    $source || ':' || org_key,
    starts,
    ends,
    case
        when ends_fault is not null then ends_fault
        when starts_fault is not null and ends is null then starts_fault
        when starts is null and ends is null then 'missing_date'
        when ends < starts then 'end_before_start'
    end,
    case
        when ends_fault is not null then 'contract.ends_on'
        when starts_fault is not null and ends is null then 'contract.starts_on'
        when starts is null and ends is null then 'contract.starts_on'
        when ends < starts then 'contract.ends_on'
    end,
    case
        when ends_fault is not null then left(ends_on, 20)
        when starts_fault is not null and ends is null then left(starts_on, 20)
        when ends < starts then cast(ends as varchar)
    end
from told
