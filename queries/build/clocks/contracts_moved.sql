-- How many contracts of the export at hand begin later than the export before it said, or end later or no more although
-- they were over by then. Holds figures.
with before as (
    select cast(timezone('Europe/Stockholm', exported_at) as date) as told_on
    from old.export
    where dataset = $dataset
)
select count(*)
from build.contract
inner join old.contract as was on was.dataset = contract.dataset and was.contract_key = contract.contract_key
cross join before
where contract.dataset = $dataset
    and (
        has_moved(was.starts_on, contract.starts_on)
        or (was.ends_on < before.told_on and has_moved(was.ends_on, contract.ends_on))
    )
