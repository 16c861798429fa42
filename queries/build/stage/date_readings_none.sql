-- The same as date_readings.sql where all dates are plainly written: nothing is read apart.
create or replace temp table date_reading (
    field varchar, text varchar, times hugeint, shape varchar, day date, "at" timestamptz, is_missing boolean, fault varchar
)
