-- Whose record is not all there is of its person, or was moved by the source, has its entry written (bases.sql).
update build.record
set own_basis_id = null, own_person_id = null
where own_person_id is not null
    and (
        moved_build is not null
        or rowid in (select rid from tied)
        or own_person_id in (select person_id from several)
    )
