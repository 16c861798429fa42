-- Whom the records behind given persons and bases are about, by keyed digest: an identifier together with the name and,
-- of a basis, its category. Grain: scope x id x digest. Holds persons, by keyed digest.
select distinct
    covered.scope,
    covered.scope_key,
    keyed(identity_text(covered.category, identity.kind, identity.key, identity.name_key)) as identity_key
from covered
inner join identity on identity.record_id = covered.record_id
