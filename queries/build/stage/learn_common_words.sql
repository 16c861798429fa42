-- Fills common_word: words of any export, by kind, with what they mean.
insert into common_word
select
    unnest($kinds),
    unnest($words),
    unnest($meanings)
