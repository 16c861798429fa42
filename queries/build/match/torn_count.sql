-- How many persons are torn.
select count(*) from torn
