-- Whether any row may have an address or a number in another's column, told by what none is without. Holds figures.
select exists (
    from whole
    where contains(concat_ws(' ', name, given_name, family_name, phone), '@')
        or regexp_matches(
            concat_ws(' ', coalesce(name, concat_ws(' ', given_name, family_name)), if(contains(email, '@'), null, email)),
            '[+0][0-9 ().-]{6}'
        )
)
