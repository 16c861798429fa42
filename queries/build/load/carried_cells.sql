-- Carried records in the shape in which cells are read.
create or replace temp view whole as
select name, null::varchar as given_name, null::varchar as family_name, email, phone
from build.record;

create or replace temp view staged as
from whole
