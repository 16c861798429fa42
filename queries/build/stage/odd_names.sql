-- Names that are more than plain words. Grain: one row per way of writing. Holds persons.
select full_name as odd
from name_apart
where key is null
