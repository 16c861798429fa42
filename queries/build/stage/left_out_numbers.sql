-- The same for an export of which every column is kept; grain: category. Holds figures.
select
    case
        when $record = 'person' then coalesce(category_word.category, $category, 'UNCLASSIFIED')
    end as category,
    count(*) as rows,
    count(*) filter (where looks_like_personnummer(role)) as number_role,
    count(*) filter (
        where looks_like_personnummer(coalesce(name, concat_ws(' ', given_name, family_name)))
    ) as number_name
from staged
left join category_word on category_word.word = lower(staged.category)
group by 1
