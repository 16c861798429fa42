-- How many entries stand behind each bar of the bridge.
-- grain: one row per cause
-- holds figures
select cause, count(*) as bases
from bridge_entry
where start_number = cast(:start as integer)
group by cause
order by cause
