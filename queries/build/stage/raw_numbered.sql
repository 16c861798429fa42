-- `raw` over rows that brought their numbers, because some between them were rejected.
create temp view raw as
select * from raw_text
