-- What the previous build was made of. Grain: one row per dataset. Holds figures.
select dataset, file_digest, mapping, exported_at
from old.export
