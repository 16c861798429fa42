-- What of those who go can be looked for in a file's bytes: what is shorter stands there by chance. Grain: one row per text.
-- Holds persons.
select text
from doomed_string
where length(text) >= 6
order by text
