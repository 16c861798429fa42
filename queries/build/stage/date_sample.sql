-- Up to three values of one date column of the export at hand, with what they are read as. Grain: text. Holds persons.
select text, read_date(text, $format) as day
from date_value
where field = $field
order by times desc, text
limit 3
