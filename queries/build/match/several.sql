-- Persons with several records: what is known of them is put together of all (persons_of_several.sql).
insert into several
select distinct person_id
from owned
where rid in (select rid from tied) or category = 'VOUCHER'
