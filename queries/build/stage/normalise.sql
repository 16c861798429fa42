-- Identity keys: what makes two spellings of one address, number or name the same. Most cells are plain and are read here;
-- all others are read by compliance/identity/normalise.py, once per way of writing, to the same keys.

-- Mailboxes that several people read tell nobody apart.
create macro is_role_mailbox(address) as
    regexp_matches(
        address,
        '^(info|kontakt|contact|support|kundtjanst|kundservice|order|faktura|invoice|ekonomi|finance|admin|office|hello|hej'
        || '|sales|salj|hr|it|reception|vaxel|noreply|no-reply|post|mail|registrator|webmaster|postmaster|kansli|inkop'
        || '|styrelse|personal|redaktion|marknad|marketing|bokning|booking|jobb|jobs|lon|dpo|gdpr|privacy|dataskydd)@'
    );

-- The key of an address that is plain. Few have a tag, and to find that out is quicker than to take it away.
create macro plain_email_key(address) as
    case
        when contains(address, '+') then regexp_replace(lower(address), '\+[^@]*@', '@')
        else lower(address)
    end;

-- An address as nearly all are written, without what some append to find their own mail again; null for all others.
create macro email_key(address) as
    case
        when regexp_full_match(
            lower(address), '[a-z0-9_-]+(\.[a-z0-9_-]+)*(\+[a-z0-9_.+-]*)?@[a-z0-9-]+(\.[a-z0-9-]+)+'
        )
            -- A copy for trials puts this behind what it was: read elsewhere.
            and not ends_with(lower(address), '.invalid')
            then plain_email_key(address)
    end;

-- A number without its spaces and punctuation.
create macro dialled(number) as
    translate(replace(number, '(0)', ''), ' ().-', '');

-- E.164 of a number that dialled() has cleaned; null for what is no plain number. One with the nought before its area
-- code behind the country's is read elsewhere, since not in all countries it is left out.
create macro international(digits) as
    case
        when regexp_full_match(digits, '0[1-9][0-9]{6,9}') then '+46' || substr(digits, 2)
        when regexp_matches(
            digits,
            '^(\+|00)([17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]'
            || '|(2[1-689]|3[578]|42|5[09]|6[7-9]|8[03578]|9[679])[0-9])0'
        )
            then null
        when regexp_full_match(digits, '\+[1-9][0-9]{7,14}') then digits
        when regexp_full_match(digits, '00[1-9][0-9]{7,14}') then '+' || substr(digits, 3)
    end;

-- Zeros are what somebody typed into a field that must be filled, or one digit ten times, which no Swedish number has: it is
-- the number of nobody, or of all who had none. Few numbers end with any, and to find that out is quicker.
create macro is_filled_in(number) as
    case
        when ends_with(number, '00')
            then regexp_matches(number, '(0[ ().-]*){7}$')
                and not regexp_matches(number, '^ *(\+|00)[ ().-]*([1-35-9]|4[ ().-]*[0-57-9])')
        when contains(number, '46') and strlen(number) > 11
            then regexp_matches(
                translate(number, ' ().-', ''), '460?(1{10}|2{10}|3{10}|4{10}|5{10}|6{10}|7{10}|8{10}|9{10})$'
            )
        else false
    end;

-- How most Swedish numbers are written is seen before anything is taken away.
create macro is_plain_number(number) as
    case
        when regexp_full_match(number, '0[1-9]([ -]?[0-9]){6,9}') then not is_filled_in(number)
        else false
    end;

-- What a tool has written as a fraction has a digit too many, and so has what ends with which of somebody's numbers it is,
-- "(1)": both are read elsewhere.
create macro phone_key(number) as
    case
        when is_plain_number(number)
            then '+46' || substr(replace(replace(number, ' ', ''), '-', ''), 2)
        when not (
            ends_with(number, '.0') or ends_with(number, '.00') or ends_with(rtrim(number), ')') or is_filled_in(number)
        )
            then international(dialled(number))
    end;

-- Numbers that are seldom one person's own. Mobile ones are; of other countries' it is not known.
create macro is_fixed_line(number) as
    starts_with(number, '+46') and not regexp_full_match(number, '\+467[02369][0-9]+');

-- Somebody's name, which sources have in one column or in two.
create macro name_of(name, given_name, family_name) as
    coalesce(name, nullif(concat_ws(' ', given_name, family_name), ''));

-- What people write before and after a name and nobody is called.
create macro is_title(word) as
    word in (
        'dr', 'doktor', 'prof', 'professor', 'docent', 'ing', 'civ', 'civing', 'civilingenjor', 'civilekonom', 'tekn',
        'med', 'fil', 'jur', 'kand', 'mag', 'lic', 'phd', 'msc', 'bsc', 'mba', 'adv', 'advokat', 'mr', 'mrs', 'ms',
        'miss', 'herr', 'hr', 'fru', 'froken', 'frk', 'frau', 'mme', 'rouva', 'mx', 'sir', 'siv',
        'cand', 'dipl', 'univ', 'att', 'attn', 'vd', 'ceo', 'cfo', 'cto', 'herra', 'hra', 'monsieur', 'senor', 'senhor',
        'signor', 'signore', 'rva', 'madame', 'senora', 'senhora', 'sra', 'signora', 'neiti', 'nti', 'mlle',
        'mademoiselle', 'senorita', 'srta', 'signorina'
    );

-- Words that make a name of two words be looked at more closely: those, and what two words stand where nobody knew a name.
create macro has_word_of_none(name) as
    regexp_matches(
        name,
        '(^|[ -])(dr|doktor|prof|professor|docent|ing|civ|civing|civilingenjor|civilekonom|tekn|med|fil|jur|kand|mag|lic|phd'
        || '|msc|bsc|mba|adv|advokat|mr|mrs|ms|miss|herr|hr|fru|fr|froken|frk|frau|mme|rouva|mx|sir|jr|sr|siv|cand|dipl|univ'
        || '|att|attn|vd|ceo|cfo|cto|herra|hra|monsieur|senor|senhor|signore?|rva|madame|senora|senhora|sra|signora|neiti|nti'
        || '|mlle|mademoiselle|senorita|srta|signorina|master|zz+|xx+|a|namn|no|angivet)([ -]|$)'
    );

-- Words that say which of two of one name is meant, or that a record is a copy, and given names of which another order is
-- another's name: what they stand for is read elsewhere.
create macro says_which(name) as
    regexp_matches(
        name,
        '(^|[ -])(jr|sr|junior|senior|yngre|aldre|eldre|younger|elder|jungere|altere|nuorempi|vanhempi|d|da|dy|kopia'
        || '|kopie|kopi|kopio|copy|dubblett|dublett|duplikat|duplicate|dublet)([ -]|$)'
        || '|(^|[ -])(f|fodd|fodt|born|b|geb|geboren|s|synt) (19|20)[0-9]{2}'
        || '|(^|[ -])(mari[ae][ -](jose|jean)|(jose|jean)[ -]mari[ae])([ -]|$)'
    );

-- Whether nothing but a family's name stands behind what a man or a woman is addressed with: which of them is meant is read
-- elsewhere, as is a short word between two names.
create macro says_who(name) as
    (
        regexp_matches(
            strip_accents(lower(name)),
            '(^|[ -])(mr|mrs|ms|miss|herra?|hr|hra|sir|fru?|froken|frk|frau|mme|rouva|rva|monsieur|sen(h|)or(a|)|senorita'
            || '|signor[ea]?|signorina|madame|sra|srta|neiti|nti|mlle|mademoiselle|master)([ -]|$)'
        )
        and len(
            list_filter(
                string_split(strip_accents(lower(name)), ' '),
                lambda word: word not in ('fr', 'fr.', 'master')
                and not regexp_full_match(word, '[a-z]\.?')
                and len(
                    list_filter(
                        string_split(word, '-'),
                        lambda part: not is_title(part)
                        and not regexp_full_match(
                            part, 'von|van|a[fv]|de[rn]?|dos?|l[ae]|d[aiu]|zu[mr]?|vom|te[nr]|st|[ea]l'
                        )
                    )
                ) > 0
            )
        ) < 2
    )
    or regexp_matches(name, '[^ ] (?:o|et|m|gm|med) [A-ZÅÄÖÉÜ]')
    or regexp_matches(
        lower(name),
        '[^ ] (via|för|for|für|genom|ersätter|erstatter|vertritt|replaces|with|(tillsammans|sammen|together) (med|with)'
        || '|zusammen mit|on behalf of|på vegne a[fv]|im auftrag von) '
        || '|(^|[ -])(mamman?|pappan?|mor|far|moder|fader|mormor|morfar|farmor|farfar|förälder|föräldrar|forelder|foreldre'
        || '|vårdnadshavare|målsman|son|dotter|datter|make|maka|hustru|änka|änkling|sambo|bror|syster|barn|barnbarn|man'
        || '|förvaltare|förmyndare|verge|ombud|assistent|kontaktperson|anhörig|närstående|dödsbo(et)?) (till?|åt|efter|etter'
        || '|för|for) '
        || '|(^|[ -])(mother|father|mum|mom|dad|parents?|guardian|son|daughter|wife|husband|widow|assistant|estate)'
        || ' (of|to|for) |(^|[ -])(mutter|vater|eltern|sohn|tochter|ehefrau|ehemann|witwe|nachlass) von '
        || '|(^|[ -])(fils|fille) de '
    );

-- A name of plain words with a space or a hyphen between them; null for one in which nothing but titles is found. A phone
-- number beside a name is no part of it; one that hangs on a word is its own.
create macro words_in_order(name) as
    case
        when not regexp_matches(name, '(^|[ -])[0-9][0-9 -]{5}')
            and not says_which(strip_accents(lower(name)))
            and not says_who(name)
            and not regexp_matches(lower(name), '^(zz+|xx+|använd (ej|inte)|do not use|ikke bruk|nicht verwenden)[ -]')
            and regexp_full_match(name, '[A-Za-z0-9ÅÄÖåäöÉéÜü]+([ -][A-Za-z0-9ÅÄÖåäöÉéÜü]+)*')
            then nullif(
                array_to_string(
                    list_sort(
                        list_filter(
                            string_split(replace(strip_accents(lower(name)), '-', ' '), ' '),
                            lambda word: not is_title(word)
                        )
                    ),
                    ' '
                ),
                ''
            )
    end;

-- The words of a name with one more, in the order of the alphabet.
create macro with_word(name_key, word) as
    array_to_string(list_sort(list_append(string_split(name_key, ' '), word)), ' ');

-- Two words, the first of the alphabet before the other.
create macro two_in_order(words) as
    case
        -- As if the first word were compared alone: the space behind it is before any letter.
        when words <= split_part(words, ' ', 2) then words
        else split_part(words, ' ', 2) || ' ' || split_part(words, ' ', 1)
    end;

-- Nearly all names are two words of letters, with fewer digits behind them than a personal identity number has: that is
-- seen first.
create macro is_plain_name(name) as
    case
        when regexp_full_match(name, '[A-Za-zÅÄÖåäöÉéÜü]+[0-9]{0,9} [A-Za-zÅÄÖåäöÉéÜü]+[0-9]{0,9}')
            then not has_word_of_none(strip_accents(lower(name)))
        else false
    end;

-- The key of a plain name. To put two words in order is quicker than to sort a list.
create macro plain_name_key(name) as
    two_in_order(strip_accents(lower(name)));

-- A name in capitals or not, with or without accents, is the same name: a name alone never joins. Its words stand in the
-- order of the alphabet, since whether the family name comes first is a habit of the source. Null for what is more than
-- plain words, and for what is nothing but titles, a number, or what stands for no name.
create macro name_key(name) as
    case
        when is_plain_name(name) then plain_name_key(name)
        -- As lists they are looked through where the row is: what is compared with many words else becomes a join of all rows,
        -- and what is named twice is planned for twice.
        else list_filter(
            [words_in_order(name)],
            lambda words: not regexp_full_match(words, '[0-9 ]+')
            and not list_contains(
                [
                    'okand', 'unknown', 'ukjent', 'ukendt', 'unbekannt', 'tuntematon', 'saknas', 'anonym', 'anonymous', 'na',
                    'a n', 'ej namn', 'inget namn', 'name no', 'angivet ej'
                ],
                words
            )
        )[1]
    end;

-- What stands for it where names are compared: Müller is written Mueller, Åsa Aasa and Sørensen Soerensen by systems that
-- lack these letters. That others become alike by it tells nothing of them: a name alone never joins. Most have none of them,
-- and to find that out is quicker.
create macro one_spelling(name_key) as
    case
        when regexp_matches(name_key, 'aa|ae|oe|ue')
            then replace(replace(replace(replace(name_key, 'aa', 'a'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u')
        else name_key
    end;

-- A name without what is remarked of which of several somebody is. That stands behind a sign that no word has.
create macro unmarked(name_key) as
    case
        when contains(name_key, '~') then trim(regexp_replace(name_key, ' ?~[^ ]+', '', 'g'))
        else name_key
    end;

-- A name without which of two or more somebody is: the elder or the younger, the man or the woman of a family's name.
create macro without_generation(name_key) as
    case
        when regexp_matches(name_key, '(^| )([js]r|herr|fru|~[^ ]+)( |$)')
            then trim(
                regexp_replace(
                    regexp_replace(unmarked(name_key), '(^| )([js]r|herr|fru)( |$)', ' '), ' +', ' ', 'g'
                )
            )
        else name_key
    end;

-- Without whether a man or a woman of a family is meant, and what is remarked: either may be whoever has the whole name.
create macro unaddressed(name_key) as
    case
        when regexp_matches(name_key, '(^| )(herr|fru|~[^ ]+)( |$)')
            then trim(regexp_replace(unmarked(name_key), '(^| )(herr|fru)( |$)', ' '))
        else name_key
    end;

-- A name of two words without which of several records of that name it is: "Anna Berg 2". No more does the suppression list
-- know what is remarked of somebody.
create macro without_number(name_key) as
    regexp_replace(unmarked(name_key), '^[0-9]{1,2} ([^ ]+ )', '\1');

create macro bare_name(name_key) as
    without_generation(without_number(name_key));

-- Whether two are one name: who is called the elder is not called the younger, and may be called neither.
create macro same_name(one, other) as
    without_generation(one) = without_generation(other)
    and (one = other or one = without_generation(one) or other = without_generation(other));

-- By which names the suppression list may know whoever has this one: as it is, without which of several records it is, as
-- either or neither of two of one name, and each of them in one spelling.
create macro name_readings(name_key) as
    list_distinct(
        flatten([
            [told, one_spelling(told)]
            for told in flatten([
                [
                    told,
                    without_generation(told),
                    case when without_generation(told) = told then with_word(told, 'jr') end,
                    case when without_generation(told) = told then with_word(told, 'sr') end,
                    case when without_generation(told) = told then with_word(told, 'herr') end,
                    case when without_generation(told) = told then with_word(told, 'fru') end
                ]
                for told in [name_key, without_number(name_key)]
            ])
            if told is not null
        ])
    );

-- The same with the name as it was read earlier, where that is otherwise; null where none is known.
create macro known_names(name_key, earlier_name) as
    nullif(list_filter(name_readings(name_key) || [earlier_name], lambda name: name is not null), []);

-- An organisation's name however it is written: without case, accents and signs, its legal form in short and behind it.
-- Another legal form is another organisation.
create macro organisation_words(name) as
    list_transform(
        string_split(
            replace(
                replace(
                    ' ' || trim(
                        regexp_replace(strip_accents(lower(nfc_normalize(name))), '[^\p{L}\p{N}&]+', ' ', 'g')
                    ) || ' ',
                    ' a s ', ' as '
                ),
                ' g m b h ', ' gmbh '
            ),
            ' '
        ),
        lambda word: case word
            when 'aktiebolag' then 'ab'
            when 'aktiebolaget' then 'ab'
            when 'handelsbolag' then 'hb'
            when 'handelsbolaget' then 'hb'
            when 'kommanditbolag' then 'kb'
            when 'kommanditbolaget' then 'kb'
            when 'limited' then 'ltd'
            when 'incorporated' then 'inc'
            when 'corporation' then 'corp'
            when 'company' then 'co'
            when 'aksjeselskap' then 'as'
            when 'aktieselskab' then 'as'
            when 'anpartsselskab' then 'aps'
            when 'osakeyhtio' then 'oy'
            when 'och' then '&'
            when 'and' then '&'
            when 'und' then '&'
            when 'og' then '&'
            -- Whether it is listed is said of a company now and then.
            when 'publ' then ''
            else word
        end
    );

create macro organisation_key(name) as
    nullif(
        regexp_replace(
            trim(regexp_replace(array_to_string(organisation_words(name), ' '), ' +', ' ', 'g')),
            '^(ab|as|oy|hb|kb) (.+)$', '\2 \1'
        ),
        ''
    );

-- The words of a name, in that spelling.
create macro words_of(name_key) as
    string_split(one_spelling(unaddressed(name_key)), ' ');

-- The name in an earlier version: entries of the suppression list were made with it, and nobody knows any more of whom.
create macro old_name_key(name) as
    nullif(
        trim(
            lower(
                regexp_replace(
                    case
                        when contains(name, ',') then split_part(name, ',', 2) || ' ' || split_part(name, ',', 1)
                        else nfc_normalize(name)
                    end,
                    '\s+', ' ', 'g'
                )
            )
        ),
        ''
    );

create macro luhn_sum(digits) as
    list_sum([
        case
            when position % 2 = 1 then digit // 5 + (digit * 2) % 10
            else digit
        end
        for digit, position in [cast(letter as integer) for letter in string_split(digits, '')]
    ]);

-- A Swedish personal identity number or co-ordination number with a right check digit, somewhere in the text.
create macro number_in(text) as
    regexp_extract(
        text,
        '(?:^|[^0-9])(?:(?:19|20)?([0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01]))[-+]'
        || '|(?:19|20)([0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])))([0-9]{4})(?:[^0-9]|$)',
        0
    );
create macro looks_like_personnummer(text) as
    case
        -- Few texts have so many digits, and to find that out is quicker than to take them out.
        when not regexp_matches(text, '[0-9]{6}[-+]?[0-9]{4}') then false
        when number_in(text) <> ''
            then luhn_sum(right(regexp_replace(number_in(text), '[^0-9]', '', 'g'), 10)) % 10 = 0
        else false
    end;

-- A phone number somewhere in a text, and no personal identity number; empty where there is none.
create macro number_beside(text) as
    case
        when regexp_matches(text, '[+0][0-9 ().-]{6}') and not looks_like_personnummer(text)
            then regexp_extract(text, '(?:^|[^0-9A-Za-z+(])((?:\+|\(?0)[0-9 ().-]{6,}[0-9])(?:$|[^0-9A-Za-z])', 1)
        else ''
    end;

-- The cell of the addresses, with what other cells have of them: an address tells whose a row is wherever it stands.
create macro with_addresses(email, name, given_name, family_name, phone) as
    case
        when contains(name, '@') or contains(given_name, '@') or contains(family_name, '@') or contains(phone, '@')
            then concat_ws(
                '; ',
                email,
                case when contains(name, '@') then name end,
                case when contains(given_name, '@') then given_name end,
                case when contains(family_name, '@') then family_name end,
                case when contains(phone, '@') then phone end
            )
        else email
    end;

-- The cell of the numbers likewise.
create macro with_numbers(phone, name, given_name, family_name, email) as
    case
        when number_beside(coalesce(name, concat_ws(' ', given_name, family_name))) <> ''
            then concat_ws('; ', phone, number_beside(coalesce(name, concat_ws(' ', given_name, family_name))))
        when not contains(email, '@') and number_beside(email) <> '' then concat_ws('; ', phone, number_beside(email))
        else phone
    end;
