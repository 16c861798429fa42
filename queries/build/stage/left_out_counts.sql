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
        role_apart.role is not null as role_is_number,
        coalesce(name_apart.is_number, false) as name_is_number
    from whole
    left join category_word on category_word.word = lower(whole.category)
    left join role_apart on role_apart.role = whole.role
    left join name_apart on name_apart.full_name = name_of(whole.name, whole.given_name, whole.family_name)
)
select
    category_found as category,
    count(*) as rows,
    count(*) filter (where role_is_number) as number_role,
    count(*) filter (where name_is_number) as number_name,
    count(columns(name -> starts_with(name, 'left_out_'))) as "filled_\0",
    count(*) filter (where looks_like_personnummer(columns(name -> starts_with(name, 'left_out_')))) as "number_\0"
from told
group by category_found
