-- How often each left-out column is filled, and where something looks like a personnummer; grain: category. Holds figures.
with told as (
    select
        raw.* exclude (row_no),
        case
            when $record = 'person' then coalesce(category_word.category, $category, 'UNCLASSIFIED')
        end as category_found,
        staged.role as kept_role,
        coalesce(staged.name, concat_ws(' ', staged.given_name, staged.family_name)) as kept_name
    from raw
    inner join staged on staged.row_no = raw.row_no
    left join category_word on category_word.word = lower(staged.category)
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
