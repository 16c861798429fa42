-- The same for an export of which every column is kept; grain: category. Holds figures.
select
    case
        when $record = 'person' then coalesce(category_word.category, $category, 'UNCLASSIFIED')
    end as category,
    count(*) as rows,
    count(role_apart.role) as number_role,
    count(*) filter (where name_apart.is_number) as number_name
from staged
left join category_word on category_word.word = lower(staged.category)
left join role_apart on role_apart.role = staged.role
left join name_apart on name_apart.full_name = name_of(staged.name, staged.given_name, staged.family_name)
group by 1
