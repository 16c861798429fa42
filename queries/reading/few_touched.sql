-- Whether what new facts touch is a small share of all entries; $few says how small.
select (select count(*) from basis) <= $few * (select count(*) from build.main.basis)
