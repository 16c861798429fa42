-- The same of a build that kept no contacts of before: there it is as the source says.
create or replace temp view record_before as
select
    * replace (if(told is null, null, struct_insert(told, met_on := met_on, inbound_on := inbound_on)) as told)
from old.record
