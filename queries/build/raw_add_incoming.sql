insert into raw
select row_no, nullif(trim(columns(* exclude (row_no))), '') from incoming
