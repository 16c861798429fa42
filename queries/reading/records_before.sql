-- Which of the rows in $records the build before had. Grain: record_id. Holds persons.
select record_id
from old.record
where record_id in (select unnest($records::varchar[]))
