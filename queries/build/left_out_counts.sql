-- How often each left-out column is filled, and how often it looks like a personnummer; grain: category.
select
    coalesce(category_word.category, $category) as category,
    count(*) as rows,
    count(columns(name -> starts_with(name, 'left_out_'))) as "filled_\0",
    count(*) filter (where looks_like_personnummer(columns(name -> starts_with(name, 'left_out_')))) as "number_\0"
from (select raw.* exclude (row_no), staged.category as category_text from raw inner join staged on staged.row_no = raw.row_no) as rows_here
left join category_word on category_word.word = lower(rows_here.category_text)
group by 1
