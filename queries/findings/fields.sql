-- How often each field of a person is filled, and whether the category's rule allows it; columns left out included.
-- grain: category x source x field x column
-- holds figures
select
    field_count.category,
    field_count.source,
    field_count.field,
    cast(null as varchar(200)) as column_name,
    field_count.filled,
    field_count.rows,
    allowed_field.field is not null as is_allowed
from field_count
left join allowed_field on allowed_field.category = field_count.category and allowed_field.field = field_count.field
union all
select
    left_out.category,
    left_out.source,
    left_out.field,
    left_out.column_name,
    left_out.filled,
    left_out.rows,
    allowed_field.field is not null as is_allowed
from left_out
left join allowed_field on allowed_field.category = left_out.category and allowed_field.field = left_out.field
where left_out.category is not null
order by 1, 2, 3, 4
