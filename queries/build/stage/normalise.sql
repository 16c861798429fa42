-- Identity keys: what makes two spellings of one address, number or name the same.

-- Mailboxes that several people read identify nobody.
create macro is_role_mailbox(address) as
    regexp_matches(
        address,
        '^(info|kontakt|contact|support|kundtjanst|kundservice|order|faktura|invoice|ekonomi|finance|admin|office|hello|hej'
        || '|sales|salj|hr|it|reception|vaxel|noreply|no-reply|post|mail|registrator|webmaster|postmaster)@'
    );

-- The domain of an address outside ASCII is written otherwise by some systems; those are completed outside SQL.
create macro email_key(address) as
    case
        when regexp_full_match(lower(nfc_normalize(address)), '[^@ ]+@[^@ ]+\.[^@ .]+')
            and not is_role_mailbox(lower(address))
            -- Few have a tag, and to find that out is quicker than to take it away.
            then case
                when contains(address, '+') then regexp_replace(lower(nfc_normalize(address)), '\+[^@]*@', '@')
                else lower(nfc_normalize(address))
            end
    end;

-- A number without its spaces and punctuation.
create macro dialled(number) as
    translate(replace(number, '(0)', ''), ' ()/.-', '');

-- E.164 of a number that dialled() has cleaned; null where it is no plain number, which is completed outside SQL.
create macro international(digits) as
    case
        when regexp_full_match(digits, '0[1-9][0-9]{6,12}') then '+46' || substr(digits, 2)
        when regexp_full_match(digits, '\+[1-9][0-9]{7,14}') then digits
        when regexp_full_match(digits, '00[1-9][0-9]{7,14}') then '+' || substr(digits, 3)
    end;

create macro phone_key(number) as
    international(dialled(number));

-- Few names have spaces to put right, and to find that out is quicker than to put them right.
create macro one_spaced(name) as
    case when regexp_matches(name, '\s\s|[\t\n\f\r]') then regexp_replace(name, '\s+', ' ', 'g') else name end;

create macro name_key(name) as
    nullif(
        trim(
            lower(
                case
                    when contains(name, ',')
                        then one_spaced(split_part(name, ',', 2) || ' ' || split_part(name, ',', 1))
                    else one_spaced(nfc_normalize(name))
                end
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
        when number_in(text) <> ''
            then luhn_sum(right(regexp_replace(number_in(text), '[^0-9]', '', 'g'), 10)) % 10 = 0
        else false
    end;
