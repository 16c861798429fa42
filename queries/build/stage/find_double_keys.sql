-- Rows whose key an earlier row of the same export already has: one key is one row, and the first one stands.
insert into bad_row
with doubled as (
    select coalesce(contract_key, reference, source_key) as key
    from staged
    where coalesce(contract_key, reference, source_key) is not null
    group by key
    having count(*) > 1
),
counted as (
    select
        staged.row_no,
        row_number() over (partition by doubled.key order by staged.row_no) as nth
    from staged
    inner join doubled on doubled.key = coalesce(staged.contract_key, staged.reference, staged.source_key)
    where staged.row_no not in (select row_no from bad_row)
)
select row_no, 'duplicate_key'
from counted
where nth > 1
