-- Listed entries of a part of the list as lines of a file, each in two parts with the phone number between them, which
-- is written elsewhere. What is said stands in the tables saying and word; in a saying, signs of no language stand where
-- the dates, numbers and values come, those of a source last, so that nothing in them is taken for such a sign.
with told as (
    select
        listed.urgency,
        listed.basis_id,
        translate(left(listed.person_id, $signs), '0123456789abcdef', $letters) as reference,
        case when $named then replace(replace(person.name, chr(13) || chr(10), chr(10)), chr(13), chr(10)) end as name,
        case when $named then replace(replace(person.email, chr(13) || chr(10), chr(10)), chr(13), chr(10)) end as email,
        case when $named then person.phone end as phone,
        listed.status,
        listed.category,
        listed.source,
        listed.deadline_on,
        listed.days_overdue,
        replace(
            replace(
                replace(
                    replace(
                        replace(
                            replace(
                                replace(
                                    replace(
                                        replace(
                                            saying.said,
                                            chr(57345), coalesce(cast(listed.start_on as varchar), '–')
                                        ),
                                        chr(57346), coalesce(cast(listed.ceiling_on as varchar), '–')
                                    ),
                                    chr(57347), coalesce(cast(listed.deadline_on as varchar), '–')
                                ),
                                chr(57348), coalesce(cast(listed.provisional_on as varchar), '–')
                            ),
                            chr(57349), coalesce(cast(listed.hold_since as varchar), '–')
                        ),
                        chr(57350), coalesce(cast(listed.statutory_until as varchar), '–')
                    ),
                    chr(57351), coalesce(replace(format('{:,}', listed.days_overdue), ',', $grouping), '–')
                ),
                chr(57353), coalesce(cast(listed.moved_to as varchar), '–')
            ),
            chr(57352), coalesce(replace(replace(listed.reason_value, chr(13) || chr(10), chr(10)), chr(13), chr(10)), '–')
        ) as why,
        cast(listed.restricted as integer)
        + 2 * cast(listed.objected as integer)
        + 4 * cast(listed.opted_out as integer)
        + 8 * cast(listed.former_role as integer)
        + 16 * cast(listed.has_hold as integer)
        + 32 * cast(listed.open_request as integer)
        + 64 * cast(listed.moved_by_source as integer) as flags
    from listed
    left join rule on listed.category = rule.category
    left join entry_name as person on listed.person_id = person.person_id
    left join
        saying
        on listed.status = saying.status
        and listed.reason = saying.reason
        and listed.reason_field is not distinct from saying.reason_field
        and rule.period is not distinct from saying.period
        and rule.section is not distinct from saying.section
        and (listed.provisional_on is not null) = saying.provisional
        and (listed.ceiling_on is not null) = saying.ends
        and (listed.deadline_on is distinct from listed.ceiling_on) = saying.after_hold
        and coalesce(listed.days_overdue = 1, false) = saying.one_day
        and case when listed.moved_by_source then coalesce(listed.moved_field, '') end
        is not distinct from saying.moved_field
        and (listed.moved_by_source and listed.moved_to is null) = saying.moved_away
    where listed.urgency between $low and $high
        and ($after is null or listed.basis_id > $after)
        and ($until is null or listed.basis_id <= $until)
)

select
    told.reference || $delimiter
    || case
        when not $named then ''
        else
            list_aggregate(
                list_transform(
                    [told.name, told.email],
                    lambda cell: case
                        when cell is null then ''
                        when contains(cell, $delimiter) or contains(cell, '"') or contains(cell, chr(10))
                            then
                                '"'
                                || case when regexp_matches(cell, $formula) then '''' else '' end
                                || replace(cell, '"', '""') || '"'
                        when regexp_matches(cell, $formula) then '''' || cell
                        else cell
                    end
                ),
                'string_agg',
                $delimiter
            ) || $delimiter
    end as before,
    told.phone,
    case when $named then $delimiter else '' end
    || status_word.said || $delimiter
    || category_word.said || $delimiter
    || coalesce(cast(told.deadline_on as varchar), '') || $delimiter
    || coalesce(cast(told.days_overdue as varchar), '') || $delimiter
    || case
        when contains(told.why, $delimiter) or contains(told.why, '"') or contains(told.why, chr(10))
            then '"' || replace(told.why, '"', '""') || '"'
        else told.why
    end || $delimiter
    || flag_word.said || $delimiter
    || coalesce(source_word.said, told.source) || $delimiter || $tail as behind
from told
left join word as status_word on status_word.kind = 'status' and told.status = status_word.code
left join word as category_word on category_word.kind = 'category' and told.category = category_word.code
left join word as source_word on source_word.kind = 'source' and told.source = source_word.code
left join word as flag_word on flag_word.kind = 'flags' and cast(told.flags as varchar) = flag_word.code
order by told.urgency, told.basis_id
