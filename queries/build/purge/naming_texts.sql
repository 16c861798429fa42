-- Texts that name somebody who goes, with the keyed digest that stands for one where there has to be something. Grain: one
-- row per text. Holds persons.
create or replace temp table naming_text as
select text, keyed('text|' || text) as digest
from naming_frame
