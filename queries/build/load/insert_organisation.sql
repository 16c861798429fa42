-- Loads the organisations of an export, with whom each went over to.
insert into build.organisation
select
    $dataset,
    $source,
    $source || ':' || source_key,
    coalesce(org_name, name),
    status_word.status,
    $source || ':' || successor_key
from staged
left join status_word on status_word.word = lower(staged.status)
where row_no not in (select row_no from bad_row)
