-- Whether any row may have an address or a number in another's column, told by what none is without. No plain name has
-- either. Holds figures.
select
    exists (
        from name_apart
        where contains(full_name, '@') or regexp_matches(full_name, '[+0][0-9 ().-]{6}')
    )
    or exists (
        from whole
        where contains(given_name, '@') or contains(family_name, '@') or contains(phone, '@')
            or (not contains(email, '@') and regexp_matches(email, '[+0][0-9 ().-]{6}'))
    )
