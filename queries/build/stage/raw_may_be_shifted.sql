-- Whether any row has words alone in one of the columns $names, which are of addresses, days and numbers: of no other row
-- may the cells stand beside their columns (raw_shifted.sql). Grain: one row. Holds figures.
select
    (select count(*) from raw where has_sign(columns(name -> list_contains($names, name)))) < (select count(*) from raw)
