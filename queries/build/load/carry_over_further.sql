-- The rest of what comes over, from builds that have it. A record that came new before is still one in a newer export.
insert into build.further_identifier by name select * from old.further_identifier where dataset in (from carried);
insert into build.unread_cell by name select * from old.unread_cell where dataset in (from carried);
insert into build.arrival by name
select arrival.*
from old.arrival
semi join build.record on record.record_id = arrival.record_id;
