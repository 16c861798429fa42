-- Which columns of keys hold nothing but whole numbers, of which one at least is written as a fraction of nought: a table of
-- numbers with a gap in it is written so by many tools. Grain: one row.
select
    bool_and(regexp_full_match(columns('^(source_key|contract_key|org_key|successor_key|relation_key|environment_key|reference)$'), '[0-9]+([.,]0{1,2})?'))
    and bool_or(contains(columns('^(source_key|contract_key|org_key|successor_key|relation_key|environment_key|reference)$'), '.') or contains(columns('^(source_key|contract_key|org_key|successor_key|relation_key|environment_key|reference)$'), ','))
        as "\0"
from raw
