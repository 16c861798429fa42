-- How much the new build holds. Holds figures.
select
    (select count(*) from build.person) as persons,
    (select count(*) from build.basis) as bases
