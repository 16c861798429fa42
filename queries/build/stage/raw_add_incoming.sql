insert into raw_text
select row_no, nullif(trim(columns(* exclude (row_no))), '') from incoming
