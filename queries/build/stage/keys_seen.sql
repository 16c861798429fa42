-- Takes the signs that nobody sees off the keys of a column.
update raw_text
set the_field = seen_key(the_field)
where has_unseen(the_field)
