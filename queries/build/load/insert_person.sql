-- One record per row of the export that stands. The fault kept is the one that makes the category's clock unsure:
-- an impossible date in a field that the clock does not read changes nothing.
insert into build.record by name
with worded as (
    select
        dated.*,
        coalesce(category_word.category, $category, 'UNCLASSIFIED') as category_found,
        status_word.status as status_found,
        common_word.meaning as consent_found,
        name_of(name, given_name, family_name) as full_name,
        -- What was not read there is plain, and need not be looked at again.
        case when read_address.original is null then plain_email_key(email) end as plain_email,
        read_address.shown as shown_email,
        read_address.keys[1] as first_email,
        read_number.keys[1] as first_phone,
        case
            when name_apart.full_name is null then plain_name_key(name_of(name, given_name, family_name))
            else coalesce(name_apart.key, read_name.keys[1])
        end as name_key,
        coalesce(name_apart.is_number, false) as name_is_number,
        role_apart.role is not null as role_is_number
    from dated
    left join category_word on category_word.word = lower(dated.category)
    left join status_word on status_word.word = lower(dated.status)
    left join common_word on common_word.kind = 'mail' and common_word.word = lower(dated.mail_consent)
    -- Only what is not plain was read there, so these are small.
    left join read_address on read_address.original = dated.email
    left join read_number on read_number.original = dated.phone
    left join name_apart on name_apart.full_name = name_of(name, given_name, family_name)
    left join read_name on read_name.original = name_apart.full_name
    left join role_apart on role_apart.role = dated.role
    where row_no not in (select row_no from bad_row)
),
read as (
    select
        worded.* exclude (
            registered_on, met_on, inbound_on, designated_on, role_until, left_org_on, starts_on, ends_on, replaced_on,
            opted_out_on, erased_on
        ),
        worded.registered_on as registered_text,
        worded.met_on as met_text,
        worded.inbound_on as inbound_text,
        worded.designated_on as designated_text,
        worded.left_org_on as left_org_text,
        worded.starts_on as starts_text,
        worded.ends_on as ends_text,
        worded.replaced_on as replaced_text,
        worded.erased_on as erased_text,
        worded.registered_on_day as registered,
        worded.met_on_day as met,
        worded.inbound_on_day as inbound,
        worded.designated_on_day as designated,
        worded.role_until_day as role_end,
        worded.left_org_on_day as left_org,
        worded.starts_on_day as starts,
        worded.ends_on_day as ends,
        worded.replaced_on_day as replaced,
        -- Whoever wants no mailings has said so on a day that the source does not tell.
        coalesce(
            opted_out_day(worded.opted_out_on, worded.opted_out_on_day, worded.opted_out_on_fault),
            if(worded.consent_found = 'no', date '0001-01-01', null)
        ) as opted_out,
        worded.erased_on_day as erased,
        worded.erased_on is not null
        and worded.full_name is null and worded.email is null and worded.phone is null as is_tombstone
    from worded
),
doubted as (
    select
        read.*,
        case
            when erased_text is not null and not is_tombstone then 'erased_on'
            when category_found = 'CUSTOMER_CONTACT' and left_org is null and left_org_text is not null
                then 'left_org_on'
            when category_found = 'CUSTOMER_CONTACT' and designated is null and designated_text is not null
                then 'designated_on'
            when category_found in ('CUSTOMER_CONTACT', 'PROSPECT') and met is null and met_text is not null
                then 'met_on'
            when category_found in ('CUSTOMER_CONTACT', 'PROSPECT') and inbound is null and inbound_text is not null
                then 'inbound_on'
            when category_found = 'PROSPECT' and met is null and inbound is null
                and registered is null and registered_text is not null then 'registered_on'
            when category_found in ('EMPLOYEE', 'CONTRACTOR', 'SUPPLIER_REP', 'PARTNER_REP')
                and ends is null and ends_text is not null then 'ends_on'
            when category_found in ('SUPPLIER_REP', 'PARTNER_REP') and replaced is null and replaced_text is not null
                then 'replaced_on'
            when category_found in ('EMPLOYEE', 'CONTRACTOR', 'SUPPLIER_REP', 'PARTNER_REP')
                and starts is null and starts_text is not null and ends_text is null and registered is null
                then 'starts_on'
        end as fault_field
    from read
),
as_record as (
    select
        $dataset || ':' || source_key as record_id,
        $dataset as dataset,
        $source as source,
        source_key,
        category_found as category,
        case when not name_is_number then full_name end as name,
        -- What cannot be read as an address is counted in unread_cell, and is nobody's address.
        case
            when plain_email is null then shown_email
            when contains(email, '+') then lower(email)
            else plain_email
        end as email,
        phone,
        coalesce(plain_email, first_email) as email_key,
        coalesce(phone_key(phone), first_phone) as phone_key,
        name_key,
        case when not role_is_number then role end as role,
        $source || ':' || org_key as org_id,
        org_name,
        origin,
        status_found as stated_status,
        registered as registered_on,
        met as met_on,
        inbound as inbound_on,
        designated as designated_on,
        role_end as role_until,
        left_org as left_org_on,
        starts as starts_on,
        ends as ends_on,
        replaced as replaced_on,
        opted_out as opted_out_on,
        case when is_tombstone then coalesce(erased, date '0001-01-01') end as erased_on,
        case fault_field
            when 'erased_on' then 'erased_but_present'
            when 'left_org_on' then left_org_on_fault
            when 'designated_on' then designated_on_fault
            when 'met_on' then met_on_fault
            when 'inbound_on' then inbound_on_fault
            when 'registered_on' then registered_on_fault
            when 'ends_on' then ends_on_fault
            when 'replaced_on' then replaced_on_fault
            when 'starts_on' then starts_on_fault
        end as fault_code,
        fault_field,
        left(
            case fault_field
                when 'erased_on' then erased_text
                when 'left_org_on' then left_org_text
                when 'designated_on' then designated_text
                when 'met_on' then met_text
                when 'inbound_on' then inbound_text
                when 'registered_on' then registered_text
                when 'ends_on' then ends_text
                when 'replaced_on' then replaced_text
                when 'starts_on' then starts_text
            end,
            20
        ) as fault_value
    from doubted
)
select
    * exclude (speaks),
    if(speaks, entry_id(category, record_id), null) as own_basis_id,
    if(speaks, md5(own_identity(email_key, phone_key, name_key, record_id)), null) as own_person_id
from (
    select
        *,
        speaks_for_itself(category, org_id, designated_on, erased_on, null, null, fault_field) as speaks
    from as_record
)
