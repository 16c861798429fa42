-- Adds rows that Python has read to the rows as they were written.
insert into raw_text
select row_no, told_cell(columns(* exclude (row_no))) from incoming
