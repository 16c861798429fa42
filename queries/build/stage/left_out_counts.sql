-- How often each left-out column is filled, and where something looks like a personnummer; grain: category. Holds figures.
with whole as (
    select * from template
    union all by name
    select * from raw
),
told as (
    select
        columns(name -> starts_with(name, 'left_out_')),
        case
            when $record = 'person' then coalesce(category_word.category, $category, 'UNCLASSIFIED')
        end as category_found,
        whole.role as kept_role,
        coalesce(whole.name, concat_ws(' ', whole.given_name, whole.family_name)) as kept_name
    from whole
    left join category_word on category_word.word = lower(whole.category)
)
select
    category_found as category,
    count(*) as rows,
    count(*) filter (where looks_like_personnummer(kept_role)) as number_role,
    count(*) filter (where looks_like_personnummer(kept_name)) as number_name,
    count(columns(name -> starts_with(name, 'left_out_'))) as "filled_\0",
    count(*) filter (where looks_like_personnummer(columns(name -> starts_with(name, 'left_out_')))) as "number_\0"
from told
group by category_found
