-- `raw` over rows that were stored in the file's order: numbering them by place needs no pass of its own.
create temp view raw as
select rowid + 1 as row_no, * from raw_text
