-- Remembers the vouchers of a dataset that name an erased engagement.
insert into unlinked_row
select $dataset::varchar, staged.row_no, erased_relation.source, erased_relation.relation_key
from staged
inner join erased_relation
    on erased_relation.source = $source and erased_relation.relation_key = staged.relation_key
