-- The records that stay, without what the new build finds out by itself. Grain: one row per record_id. Holds persons.
select columns(name -> name not in ('own_basis_id', 'own_person_id'))
from surviving_record
