-- The privacy policy declares one cookie, pe followed by digits (or a literal #); any other belongs to no rule.
insert into build.record (
    record_id, dataset, source, source_key, category, org_name, set_at, cookie_name, fault_code, fault_field, fault_value
)
select
    $dataset || ':' || source_key,
    $dataset,
    $source,
    source_key,
    case when regexp_full_match(cookie_name, 'pe(#|[0-9]+)') then 'WEB_VISITOR' else 'UNCLASSIFIED' end,
    org_name,
    set_at_instant,
    cookie_name,
    case when set_at is not null and set_at_instant is null then coalesce(set_at_fault, 'unreadable_date') end,
    case when set_at is not null and set_at_instant is null then 'set_at' end,
    case when set_at is not null and set_at_instant is null then left(set_at, 20) end
from dated
where row_no not in (select row_no from bad_row)
