-- How many entries a build holds, whatever their status.
select count(*)
from build.main.basis
