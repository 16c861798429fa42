-- The cells of a column that may be garbled, and how often each is there. Grain: text. Holds persons.
select the_field, count(*) as rows
from raw
where may_be_garbled(the_field)
group by the_field
order by the_field
