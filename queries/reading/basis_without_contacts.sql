-- The entries of a build that kept no contacts of before: there those are as the source says.
select * replace (if(told is null, null, struct_insert(told, met_on := met_on, inbound_on := inbound_on)) as told)
from build.main.basis
