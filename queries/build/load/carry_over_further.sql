-- The rest of what comes over, from builds that have it.
insert into build.further_identifier by name select * from old.further_identifier where dataset in (from carried);
insert into build.unread_cell by name select * from old.unread_cell where dataset in (from carried);
