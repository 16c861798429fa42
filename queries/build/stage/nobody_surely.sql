-- Leaves those that tell of nobody.
delete from nobody
where not (says_nobody(email) and says_nobody(phone) and is_no_name(name))
