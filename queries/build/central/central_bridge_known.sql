-- Whether a dashboard has shown what became of the entries that a bridge starts from. Grain: one row.
select exists (select from bridge_entry where start_number = :number) as is_known
