-- Whether any date of the export at hand had to be read apart; grain: one row.
select exists (from date_reading)
