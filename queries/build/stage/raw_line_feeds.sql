-- How many line feeds stand inside the fields: so many lines of the file begin no row. Holds figures.
select coalesce(sum(length(whole) - length(replace(whole, chr(10), ''))), 0)
from (select concat_ws('', *columns(*)) as whole from raw_text)
where contains(whole, chr(10))
