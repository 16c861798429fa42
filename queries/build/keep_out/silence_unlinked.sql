-- Drops the text of a voucher that stays out where it names an erased engagement.
update quarantine_row
set line = null
where dataset = $dataset
    and row_no in (
        select staged.row_no
        from staged
        inner join erased_relation
            on erased_relation.source = $source and erased_relation.relation_key = staged.relation_key
    )
