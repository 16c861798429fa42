-- A voucher keeps its year and whose it is, nothing else of the person; of an erased engagement not even its key.
insert into build.record (
    record_id, dataset, source, source_key, category, relation_key, fiscal_year, fault_code, fault_field, fault_value
)
select
    $dataset || ':' || source_key,
    $dataset,
    $source,
    source_key,
    'VOUCHER',
    coalesce(erased_relation.digest, staged.relation_key),
    case when try_cast(fiscal_year as integer) between 1970 and 2100 then cast(fiscal_year as integer) end,
    case
        when fiscal_year is not null
            and not coalesce(try_cast(fiscal_year as integer) between 1970 and 2100, false) then 'unreadable_date'
    end,
    case
        when fiscal_year is not null
            and not coalesce(try_cast(fiscal_year as integer) between 1970 and 2100, false) then 'fiscal_year'
    end,
    case
        when fiscal_year is not null
            and not coalesce(try_cast(fiscal_year as integer) between 1970 and 2100, false) then left(fiscal_year, 20)
    end
from staged
left join erased_relation
    on erased_relation.source = $source and erased_relation.relation_key = staged.relation_key
where row_no not in (select row_no from bad_row)
