-- Whether any row may have an address or a number in another's column, told by what none is without. Holds figures.
select exists (
    from whole
    where contains(name, '@') or contains(given_name, '@') or contains(family_name, '@') or contains(phone, '@')
        or regexp_matches(coalesce(name, concat_ws(' ', given_name, family_name)), '[+0][0-9 ().-]{6}')
        or (not contains(email, '@') and regexp_matches(email, '[+0][0-9 ().-]{6}'))
)
