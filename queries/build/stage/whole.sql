-- The rows of the export at hand with all columns of the canonical shape: missing fields are null, left-out columns are
-- gone.
create or replace temp view whole as
select * from template
union all by name
select columns(name -> not starts_with(name, 'left_out_')) from raw
