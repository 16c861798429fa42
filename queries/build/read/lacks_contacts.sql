-- Whether a build keeps dates of before, but no contacts.
select
    exists (from pragma_table_info($base || '.main.record') where name = 'told' and not contains(type, 'inbound_on'))
        as lacks_contacts
