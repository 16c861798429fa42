-- Fills status_word: what the words of the export at hand mean, as its mapping says.
insert into status_word
select
    unnest($words),
    unnest($meanings)
