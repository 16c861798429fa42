-- How much the new build holds, without what its source says that it has erased. Holds figures.
select
    (select count(*) from build.person) as persons,
    (select count(*) from build.basis where erased_on is null) as bases
