-- Temporary tables of one run of intake. They live in memory and go with the process.

-- Every canonical field as text; the view `staged` gives an export's rows this shape.
create temp table template (
    row_no bigint,
    source_key varchar, name varchar, given_name varchar, family_name varchar, email varchar, phone varchar,
    role varchar, category varchar, status varchar, org_key varchar, org_name varchar, successor_key varchar,
    contract_key varchar, origin varchar, registered_on varchar, met_on varchar, inbound_on varchar,
    designated_on varchar, role_until varchar, left_org_on varchar, starts_on varchar, ends_on varchar,
    replaced_on varchar, opted_out_on varchar, mail_consent varchar, erased_on varchar, fiscal_year varchar, relation_key varchar,
    cookie_name varchar, set_at varchar, reference varchar, request_kind varchar, requester varchar,
    received_at varchar, identity_asked_on varchar, identity_answered_on varchar, extended_on varchar,
    extension_reason varchar, forwarded_on varchar, closed_on varchar, outcome varchar,
    agreement varchar, default_settings varchar, auto_clean varchar, period_customised varchar, default_days varchar,
    period_days varchar, period_changed_on varchar, cleaned_on varchar, restore_tested_on varchar,
    environment_key varchar, holder varchar, account varchar, purpose varchar, ticket varchar, approver varchar,
    granted_on varchar, valid_until varchar, reviewed_on varchar, revoked_on varchar,
    mailing_key varchar, sent_on varchar, effective_on varchar,
);

-- The source's own words for categories and for open or ended, of the export at hand.
create temp table category_word (word varchar, category varchar);
create temp table status_word (word varchar, status varchar);

-- Words that are understood in any export: yes and no, of mailings too, and what access is given for.
create temp table common_word (kind varchar, word varchar, meaning varchar);

-- Rows of the export at hand that stay out, with the reason.
create temp table bad_row (row_no bigint, reason varchar);

-- All rows of this run that stay out; `line` is what the export said, null where even that may not be kept.
create temp table quarantine_row (dataset varchar, row_no bigint, reason varchar, line varchar);

-- The erasure form's rows of this run, for the register.
create temp table form_row (
    source varchar, reference varchar, request_kind varchar, requester varchar, received_at timestamptz,
    name varchar, email varchar, phone varchar, identity_asked_on date, identity_answered_on date,
    extended_on date, extension_reason varchar, forwarded_on date, closed_on date, outcome varchar,
);

-- Grants of this run and of the previous build. They go into the build when it is known whose keys may not be in it.
create temp table told_grant (
    dataset varchar, source varchar, row_no bigint, grant_key varchar, environment_key varchar, holder varchar,
    account varchar, purpose varchar, ticket varchar, approver varchar, granted_on date, valid_until date,
    reviewed_on date, revoked_on date, holder_erased boolean, unread varchar[],
);
-- What names an erased person of staff, with the digest that they are named by instead.
create temp table erased_holder (told varchar, digest varchar);
-- Texts of theirs, and of mailings, that have an erased person's address in them, with a digest in place of each.
create temp table erased_text (text varchar, digest varchar);
-- What the grants that stay out say of whom they are of.
create temp table told_aside (dataset varchar, row_no bigint, holder varchar, approver varchar);

-- Mailings and opt-outs of this run and of the previous build, as the grants.
create temp table told_mailing (
    dataset varchar, source varchar, send_key varchar, mailing_key varchar, address varchar, sent_on date, use varchar,
    is_erased boolean, erased_on date, unread varchar[],
);
create temp table told_opt_out (
    dataset varchar, source varchar, opt_out_key varchar, address varchar, received_on date, effective_on date,
    is_erased boolean, unread varchar[],
);
-- Addresses of erased persons among them, with since when.
create temp table erased_addressee (address varchar, erased_on date);

-- Requests of the form that are closed here: nobody is to be found by them any more.
create temp table answered (source varchar, reference varchar);

-- By what key the vouchers at hand name their engagements, and the digest that an erased one is named by instead.
create temp table relation (dataset varchar, source varchar, relation_key varchar);
create temp table erased_relation (source varchar, relation_key varchar, digest varchar);

-- The span of engagements that were erased while the law keeps their vouchers.
create temp table erased_engagement (source varchar, source_key varchar, starts_on date, ends_on date);

-- What people have decided about records that may be one person's: tied by a number, or two persons'.
create temp table decided_same (rid bigint, number bigint);
create temp table decided_different (rid bigint, other_rid bigint);

-- Moves of dates by a source that were accepted: from the build that saw them on, its dates are the right ones.
create temp table accepted_move (dataset varchar, build integer, number integer);

-- Whether a cell says only that a spreadsheet could not work it out.
create macro is_error(cell) as
    ascii(cell) = 35
    and regexp_full_match(
        cell,
        '#(N/?A!?|NUM!|NULL!|REF!|NAME\?|VALUE!|DIV/0!|SPILL!|CALC!|GETTING_DATA|SAKNAS!?|REFERENS!|NAMN\?|VÄRDEFEL!|OGILTIGT!'
        || '|DIVISION/0!|NV|BEZUG!|WERT!|ZAHL!|NAVN\?|VERDI!|VÆRDI!|PUUTTUU!|ARVO!|VIITTAUS!|JAKO/0!) *'
    );

-- Whether a cell may have been written in UTF-8, read as something else and written again, or has lost a letter: what
-- begins a letter in UTF-8 as Windows-1252 reads it, and what goes on; the same of a Mac's letters and of DOS's. Each of
-- these has two bytes more than letters, and few cells have: to find that out is quicker.
create macro may_be_garbled(cell) as
    case
        when strlen(cell) - length(cell) > 1
            then regexp_matches(cell, '[Â-ô][\x{80}-¿ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|[√¬ƒ≈‚├┬─┼Γ][^\x00-\x7f]|\x{fffd}')
        else false
    end;

-- A cell without the spaces and tabs around it, null for one that is blank. Few have any, or letters beyond ASCII, among which
-- there are other spaces: to find that out is quicker than to take it away.
create macro bare_cell(cell) as
    nullif(regexp_replace(cell, '^[\t\p{Zs}]+|[\t\p{Zs}]+$', '', 'g'), '');
create macro trimmed_cell(cell) as
    case
        when cell >= '!' and not ends_with(cell, ' ') and not ends_with(cell, chr(9)) and strlen(cell) = length(cell) then cell
        when cell is null then null
        when (cell < ' ' and cell <> '') or ends_with(cell, chr(9)) then bare_cell(cell)
        when cell like ' %' or cell like '% ' or strlen(cell) <> length(cell)
            then if(contains(cell, chr(9)), bare_cell(cell), nullif(trim(cell), ''))
        else nullif(cell, '')
    end;

-- Whether there are signs in a key that nobody sees: marks of order and width, soft hyphens, and the apostrophe that a
-- spreadsheet puts before a text. Few keys have any, or letters beyond ASCII: to find that out is quicker.
create macro has_unseen(key) as
    case
        when strlen(key) <> length(key) then starts_with(key, chr(39)) or regexp_matches(key, '\p{Cf}')
        else starts_with(key, chr(39))
    end;

-- A key without them, as everybody reads it: by what only one of two exports writes it would be another one.
create macro seen_key(key) as
    case when has_unseen(key) then bare_cell(ltrim(bare_cell(regexp_replace(key, '\p{Cf}', '', 'g')), chr(39))) else key end;

-- Whether a cell may be an address, a day or a number: nearly all begin with a digit or have the sign of an address.
create macro has_sign(cell) as
    case
        when cell >= '0' and cell < ':' then true
        when cell is null or contains(cell, '@') then true
        else regexp_matches(cell, '[0-9]')
    end;

-- Whether a cell begins with one of the letters that most names and addresses begin with; false for none.
create macro begins_with_letter(cell) as
    coalesce((cell >= 'a' and cell < '{') or (cell >= 'A' and cell < '['), false);

-- Whether a cell that should tell who somebody is says nothing of that: signs alone, or a figure of what is counted or
-- measured, as rows of groups and totals have it: "1 st", "2 kpl", "34,5 %". To plan for it takes longer than to look
-- through a thousand rows: only those are asked that `nobody` has (nobody.sql).
create macro says_nobody(cell) as
    case
        when cell is null then true
        when begins_with_letter(cell) or regexp_matches(cell, '^[^0-9]*\p{L}') then false
        else not regexp_matches(cell, '[0-9\p{L}\p{N}]')
            or regexp_full_match(
                lower(cell),
                '[^\p{L}\p{N}]*[0-9][0-9\s\p{Zs}.,]*'
                || '([0-9\s\p{Zs}.,:]*(st|stk|stck|stück|kpl|pcs|t?kr|sek|nok|dkk|eur|usd|h|t|tim|timmar|timer|min|std|dagar|dager|dage|tage|days'
                || '|år|rader|rad|riviä|rivit|rows?|rækker|zeilen|poster|post|records?|träffar|person(er|en)?|henkilöä|hlö'
                || '|kunder|kontakter?|kontakte|contacts?|anställda|datensätze|prospekt|leads|members|medlemmar|items?'
                || '|entries|lines?)\.?|[%€$£])[^\p{L}\p{N}]*'
            )
    end;

-- The same of a name, in which there is a letter.
create macro is_no_name(name) as
    case
        when name is null then true
        when regexp_matches(name, '\p{L}') then says_nobody(name)
        else true
    end;

-- A cell as its system meant it, which compliance/build/cells.py does too: what a spreadsheet writes for a value that it
-- cannot work out is none, as is what a database writes for none (\N), and ="0042" and '0042 are texts that were kept from being read as numbers.
create macro told_cell(cell) as
    case
        when ascii(cell) not in (35, 39, 61, 92) then trimmed_cell(cell)
        when is_error(cell) or rtrim(cell) = '\N' then null
        when regexp_full_match(cell, '="[^"]*" *') then nullif(trim(regexp_extract(cell, '"([^"]*)"', 1)), '')
        when regexp_matches(cell, '^\x27[0-9=+@-]') then nullif(trim(substr(cell, 2)), '')
        else trimmed_cell(cell)
    end;

-- The rows of a CSV file as they are written. The first row that does not fit ends it.
create macro csv_rows(of_path, of_columns, of_delimiter) as table
from read_csv(
    of_path,
    header = true,
    columns = of_columns,
    delim = of_delimiter,
    quote = '"',
    escape = '"',
    null_padding = false,
    strict_mode = true,
    auto_detect = false,
    max_line_size = 1000000,
    -- A record is within two buffers or an error, which bounds what is held of one that never ends.
    buffer_size = 8000000
);

-- Whether a date that a clock begins with went later or went away.
create macro has_moved(was, is_now) as
    coalesce(is_now > was, was is not null);

-- Whether the last contact, with which a prospect's clock begins, is earlier than it was, or went away.
create macro has_gone_back(was, is_now) as
    coalesce(is_now < was, was is not null);

-- Persons with several records.
create temp table several (person_id varchar);

-- By what a person is known where nothing ties the record to another (owners.sql).
create macro own_identity(email_key, phone_key, name_key, record_id) as
    coalesce(email_key, phone_key || '|' || name_key, record_id);

-- The id of an entry, by the category that its record states.
create macro entry_id(category_stated, record_id) as
    md5(category_stated || '|' || record_id);

-- Whether an entry would say nothing but what its record says: neither an organisation, nor a doubt, nor an earlier
-- registration has a say in it.
create macro speaks_for_itself(category, org_id, designated_on, erased_on, set_at, cookie_name, fault_field) as
    category not in ('CUSTOMER_CONTACT', 'VOUCHER')
    and org_id is null and designated_on is null and erased_on is null and set_at is null and cookie_name is null
    and fault_field is null;
