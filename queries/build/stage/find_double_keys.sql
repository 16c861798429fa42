-- Rows whose key an earlier row of the same export already has: one key is one row, and the first one stands.
insert into bad_row
with keyed_row as (
    select
        row_no,
        case $record when 'contract' then contract_key when 'erasure_request' then reference else source_key end as key
    from staged
),
-- By a number for each key, which is counted sooner; keys that have one number by chance are told from each other below.
doubled as (
    select hash(key) as number
    from keyed_row
    where key is not null
    group by number
    having count(*) > 1
),
counted as (
    select
        keyed_row.row_no,
        row_number() over (partition by keyed_row.key order by keyed_row.row_no) as nth
    from keyed_row
    inner join doubled on doubled.number = hash(keyed_row.key)
    where keyed_row.row_no not in (select row_no from bad_row)
)
select row_no, 'duplicate_key'
from counted
where nth > 1
