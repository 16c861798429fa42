-- What stands for stood_before where there was no copy before. Grain: row x entry.
create or replace temp table stood_before (row_no bigint, suppression_id bigint)
