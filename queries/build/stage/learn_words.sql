-- Fills date_word of dates.sql: the words at hand with their months.
insert into date_word
select
    unnest($words),
    unnest($months)
