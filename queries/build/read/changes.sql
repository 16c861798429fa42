-- What the new build holds more and less of than the previous one. Holds figures.
select
    (select count(*) from build.person anti join old.person using (person_id)) as new_persons,
    (select count(*) from old.person anti join build.person using (person_id)) as gone_persons,
    (select count(*) from build.basis anti join old.basis using (basis_id)) as new_bases,
    (select count(*) from old.basis anti join build.basis using (basis_id)) as gone_bases
