"""Reads the identifiers in what people typed: every e-mail address and every phone number of a cell, in one form each.

Most cells hold one plain address or number, and those are read where they lie, by queries/build/stage/normalise.sql.
What is written otherwise is read here, once per way of writing, and gives the same form.
"""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import duckdb
import email_validator
import phonenumbers
import pyarrow as pa

from compliance.words import queries

_HOME = "SE"
# An internal mail domain (.local, .test) is nowhere on the Internet, and its addresses are persons' all the same.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
_TAG = re.compile(r"<[a-z/!][^@>]*>", re.IGNORECASE)
_SPELLED_AT = re.compile(
    r"\s*[\[({]\s*(?:at|a|snabel-?a|@)\s*[\])}]\s*|(?<=\w)\s*<\s*(?:at|snabel-?a)\s*>\s*(?=\w)", re.IGNORECASE
)
_SPELLED_DOT = re.compile(r"\s*[\[({]\s*(?:dot|punkt)\s*[\])}]\s*", re.IGNORECASE)
# Without brackets only where the whole cell is nothing else: "at" is a word.
_SPOKEN = re.compile(
    r"\s*([\w.+-]+)\s+(?:at|snabel-?a)\s+([\w-]+(?:(?:\.|\s+(?:dot|punkt)\s+)[\w-]+)+)\s*", re.IGNORECASE
)
_SPOKEN_DOT = re.compile(r"\s+(?:dot|punkt)\s+", re.IGNORECASE)
# Under which an invited guest's own address stands in a directory of Microsoft's.
_GUEST = re.compile(r"([^\s<>;,\"]+)_([^\s<>;,\"_@#]+)#EXT#@[^\s<>;,\"]+", re.IGNORECASE)
# How a copy for trials has the addresses of the system that it was made of, so that nobody is written to.
_FOR_TRIALS = re.compile(r"([^\s<>=;,@\"]+)=([\w-]+(?:\.[\w-]+)+)@example\.com(?:\.invalid)?(?![\w.-])", re.IGNORECASE)
_INVALID = ".invalid"
# What parts two in other alphabets.
_PARTED = str.maketrans("、،؛", ";;;")
_MAILTO = re.compile("mailto:", re.IGNORECASE)
_QUERY = re.compile(r"\?[^\s;,<>]*")
_LOOSE_AT = re.compile(r"(?<=[\w.+-])[ \t]*@[ \t]*(?=[\w.-]+\.)")
# What a slip of the finger doubles, and what a text writes for the sign where only its letters may be sent.
_DOUBLED = re.compile(r"([@.])\1+")
_QUOTED_AT = re.compile(r"(?<=\w)=40(?=\w)")
# A cell that is nothing but an address with spaces at its dots, and one with a comma for the dot of its domain.
_LOOSE_DOTS = re.compile(
    r"\s*[\w+-]+(?:(?:[ \t]+\.[ \t]*|\.)[\w+-]+)*[ \t]*@[ \t]*[\w-]+(?:(?:[ \t]+\.[ \t]*|\.)[\w-]+)+\s*"
)
_COMMA_DOT = re.compile(r"\s*([\w.+-]+@[\w-]+),([a-z]{2,})\s*", re.IGNORECASE)
# What a link names the address by that it hands on.
_NAMED_BY = re.compile(r"[?&]\w+=")
# What a program escaped for the web or for a script and did not take back: a space, a quote, an angle bracket.
_ESCAPED_AROUND = re.compile(r"%(?:20|09|0[ad]|2[27]|3[ce])|\\u00(?:3[ce]|2[27]|a0|20)", re.IGNORECASE)
# A domain ends where Access begins its link, what was escaped for the web twice does, a query, or a dash in a text.
_CANDIDATE = re.compile(
    r'"[^"@\n]+"@[^\s<>()\[\],;:"|/#&?\\–—•·●▪→=]+|[^\s<>()\[\],;:"|/•·●▪→]+@[^\s<>()\[\],;:"|/#&?\\–—•·●▪→=]+'
)
# What stands around an address in running text; none of it begins or ends one.
_AROUND = ".,;:'`´‘’“”«»!?*=\\-#"
# What is dialled once somebody has answered, or after a pause; not another number behind a word that leads to it.
_EXTENSION = re.compile(
    r"(?:(?<![^\W\d_])(?:(?:ankn(?:ytning)?|anslutning|ext(?:ension)?|durchwahl|dw|x)\.?:?\s*|[pw](?=\d))"
    r"|(?<=\d)\s*[*#]+\s*)\d{1,6}(?!\d|-\d)#?|(?<=\d)[*#]+(?=\D*$)",
    re.IGNORECASE,
)
_APART = re.compile(r"[;,|\n\r\t]")
_PART = re.compile(r"[;,|\n\r\t/]|[^\W\d_]+\.?:?")
_ZERO = re.compile(r"\(\s*0\s*\)")
# A number that was a quantity on its way here: it may have lost its first nought, and in scientific notation any digit.
_QUANTITY = re.compile(r"\s*([1-9]\d{6,}|\+?\d{9,})[.,]0{1,2}\s*")
_SCIENTIFIC = re.compile(r"\s*(\d)[.,](\d+)E\+?(\d+)\s*", re.IGNORECASE)
# The letters that are typed for nought and for one.
_NOUGHT = re.compile(r"(?:(?<=\d)|(?<=\d[ -]))[oO](?=[ -]?[\doO])|(?<=\d)[oO](?=[ -]?$)")
_ONE = re.compile(r"(?<=\d)([ -]?)[lI](?=\d)")
# Which of somebody's numbers it is: "Tel 1: 070-123 45 67". What stands in brackets alone is that only before a whole
# number: "+46 (8) 123 45 67" has the area's code there.
_WHICH = re.compile(r"[^\d+]*(?:\(\d\)\s*(?=[0+])|(?<!\()\b\d\s*[:)]\s*(?=[\d+(]))")
# The same without a sign behind it, "Telefon 2 070-123 45 67", or first of all, "1. 08-123 45 67".
_WHICH_BEFORE = re.compile(r"(?:[^\W\d_]{2,}\.?\s+\d|^\s*\d\.)\s+(?=\+|\(?0\d)")
# The same behind it, "08-123 45 67 (1)": what is before is read alone, where that is a number.
_WHICH_BEHIND = re.compile(r"([^;,/|\n]*?\d)\s*[(\[{<]\s*\d{1,4}(?!\d)[^\d()\[\]{}<>]*[)\]}>](?=\s*(?:$|[^\d\s]|0\d))")
# Since when, or how long.
_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)")
_AND = re.compile(r"\s\+\s+(?=0)")
# When it is answered: "kl 8.00-16.30".
_HOURS = re.compile(r"(?<=[^\W\d_])\.?\s+[0-2]?\d[.:][0-5]\d\s*[-–]\s*[0-2]?\d(?:[.:][0-5]\d)?(?!\d)")
# Digits that a word parts from those of the number are none of it: "070-123 45 67 kl 9-17".
_WORD_BETWEEN = re.compile(r"\d[^\d]*[^\W\d_]{2}[^\d]*\d")
_LONG_TEXT = 2_000
# No number is longer than this, with whatever stands between its digits.
_LONGEST = 40
_BEGINS = re.compile(r"(?<=\d)\s+(?=\+|0[1-9])")
# What somebody typed into a field that must be filled, as a Swedish number: zeros, or one digit all along.
_FILLED_IN = re.compile(r"\+46(?:\d*0{7}|([1-9])\1{9})")
# "08-123 45 67/68": the same number but for its last digits.
_OR_ENDING = re.compile(r"([^/]*\d)\s*/\s*-?(\d{1,2})\s*")

# What is said beside a name: in brackets, as a nickname between quotes, as an address.
_BESIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|<[^>]*>|[\"“”«»][^\"“”«»]*[\"“”«»]|\s/[^/]*/\s*$|['’´`ʼʻ′]")
# What is remarked behind a name of somebody who is there no more, or twice.
_GONE = re.compile(
    r"\s*(?:[,/|–—]|\s-)\s*(?:(?:har )?slutat|slutade|slutad|inaktiv|inactive|left|obsolete|ej kvar|avslutad|avliden"
    r"|dubblett|duplicate|använd ej|använd inte|används ej|do not use|don'?t use|ikke bruk|må ikke bruges"
    r"|nicht verwenden|spärrad|gammal|old)\s*$",
    re.IGNORECASE,
)
# The same before it, and what sorts it last in a list; queries/build/stage/normalise.sql knows these, too.
_GONE_BEFORE = re.compile(
    r"^\s*[*_.-]*(?:(?:zz+|xx+)[\s_.:*-]+|(?:använd ej|använd inte|do not use|ikke bruk|nicht verwenden)\b[\s:,.*-]*)",
    re.IGNORECASE,
)
# What a system or a hand calls a record that was made of another one: no word of a name of two.
_COPY_WORDS = r"(?:kopia|kopie|kopi|kopio|copy|dubblett|dublett|duplikat|duplicate|dublet)"
_COPIED = re.compile(
    rf"(?<=[^\W_])(?P<word>[\s,]+[^\s,]*[^\W_][^\s,]*?)[\s_,–—-]+{_COPY_WORDS}\.?(?:\s*[(#]?\d{{1,2}}\)?)?\s*$",
    re.IGNORECASE,
)
_COPY_OF = re.compile(
    r"^\s*(?:kopia av|copy of|kopie von|kopi af|kopi av|duplicate of|dubblett av)\b[\s:]*", re.IGNORECASE
)
# With whom somebody is to be reached, and for which company they work.
_CARE_OF = re.compile(r"\s+c/o\s.*$", re.IGNORECASE | re.DOTALL)
_EMPLOYER = re.compile(
    r"(?<=\w)\s*(?:[,/|@–—]|\s-)\s*[^,/|]*\s(?:AB|HB|KB|ASA|A/S|ApS|GmbH|Oyj?|Ltd\.?|Inc\.?|LLC)\s*$"
)
# A sign that joins two in one name is read as its word: nobody is called that, and both are not one.
_JOINED = re.compile(r"(?<=[^\W\d_])\s+[&+]\s+(?=[^\W\d_])")
# The same in short, which only in small letters before a name is no name: "Anna o Bo Berg".
_JOINED_SHORT = re.compile(r"(?<=[^\W\d_])\s+(?:o\.?|u\.|et)\s+(?=([^\W\d_]))")
# Whole names beside each other are of one person each; one word may be a role, a nickname or a place. Of what two words
# say that, too, it is asked whether it is somebody.
_NAMES_APART = re.compile(r"\s*[/;]\s*")
_WHOLE_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?:,?\s+[^\W\d_][\w.'’-]*){1,4}")
# Two given names before one family's name: "Karl/Eva Berg". Of one first letter they are one's, once in short.
_GIVEN_APART = re.compile(r"\s*([^\W\d_][\w.'’-]*)\s*[/;]\s*(?=([^\W\d_])[\w.'’-]*\s+[^\W\d_][\w.'’-]*\s*$)")
# What else says that two are named, none of it in brackets: a sign, a word that leads from one to the other, in short
# only beside a whole name, or whose relative, guardian or estate somebody is. queries/build/stage/normalise.sql knows
# the words, too.
_RELATIVE = (
    r"mamman?|pappan?|mor|far|moder|fader|mormor|morfar|farmor|farfar|förälder|föräldrar|forelder|forælder|foreldre"
    r"|vårdnadshavare|målsman|son|dotter|sønn|søn|datter|make|maka|hustru|änka|änkling|sambo|bror|syster|barn|barnbarn"
    r"|god man|förvaltare|förmyndare|verge|værge|ombud|assistent|kontaktperson|anhörig|närstående|d[öø]dsbo(?:et)?"
)
_RELATED = (
    rf"(?:{_RELATIVE})\s+(?:till?|åt|efter|etter|för|for)"
    r"|(?:mother|father|mum|mom|dad|parents?|guardian|son|daughter|wife|husband|widow|assistant|estate)\s+(?:of|to|for)"
    r"|(?:mutter|vater|eltern|sohn|tochter|ehefrau|ehemann|witwe|nachlass)\s+von|(?:mère|père|fils|fille)\s+de"
)
_LEADS = (
    r"via|för|for|für|genom|ersätter|erstatter|vertritt|replaces|(?:tillsammans|sammen|together)\s+(?:med|with)|with"
    r"|zusammen\s+mit|on\s+behalf\s+of|på\s+vegne\s+a[fv]|im\s+auftrag\s+von|i\.\s?[va]\."
)
_TWO_NAMED = re.compile(
    rf"(?P<beside>\([^)]*\)|\[[^\]]*\]|<[^>]*>)|(?<=[^\W\d_])\s*[=–—-]*[>→⇒]\s*(?=[^\W\d_])"
    rf"|(?<=[^\W\d_]{{2}})[&+](?=[^\W\d_]{{2}})"
    rf"|(?<=[^\W\d_.])\s+(?:{_LEADS})\s+(?=[^\W\d_])|(?:(?<=^)|(?<=[\s,;/]))(?P<kin>{_RELATED})\s+(?=[^\W\d_])",
    re.IGNORECASE,
)
_LEADS_SHORT = re.compile(
    r"(?<=[^\W\d_])\s+(?:gm|m|med)\.?\s+(?=(?P<next>[^\W\d_])[\w'’-]+(?P<whole>\s+[^\W\d_][\w'’-]+)?)"
)
# Which of two of one name somebody is. In short it is nothing else, wherever it stands behind a name; what may be a
# word of the name, or its initials, is that at the end alone, and "Sr. Juan" is a title before it.
_ELDER, _YOUNGER = "sr", "jr"
_OLDER = r"sr|senior|sen\.|(?:(?:den|der) )?(?:äldre|ældre|eldre|ältere)|the elder|d\.? ?[äæ]|(?-i:d)\. ?e|vanhempi"
_NEWER = r"jr|junior|jun\.|(?:(?:den|der) )?(?:yngre|jüngere)|the younger|(?-i:d)\.? ?y|(?-i:d)\. ?j|nuorempi"
_GENERATION = re.compile(
    rf"(?<=[^\s,(\[])[\s,]*(?:[\s,]|[(\[]|(?<=\w)-)\s*(?:(?P<older>{_OLDER})|(?P<newer>{_NEWER}))\.?\s*[)\]]?(?=\s*(?:,|$))"
    r"|(?<=[^\s,(\[])[\s-]+(?:(?P<sr>sr)|(?P<jr>jr))\b\.?",
    re.IGNORECASE,
)
# Whose parent or child somebody is says the same where it stands in brackets; elsewhere those are words of names.
_PARENT = r"far|fadern?|pappan?|mor|modern?|mamman?|father|dad|mother|mum|mom|vater|mutter|isä|äiti|père|mère"
_CHILD = r"son(?:en)?|dottern?|daughter|sohn|tochter|sønn?(?:en)?|datter(?:en)?|poika|tytär|fils|fille"
_KIN = re.compile(
    rf"\s*[(\[]\s*(?:(?P<older>{_PARENT})|(?P<newer>{_CHILD}))(?:\s+(?:till?|av|af|to|of|zu|von|de)\s[^)\]]*)?\s*[)\]]",
    re.IGNORECASE,
)
# What stands beside names of two and is none of the words: which of several somebody is. It stands in a key behind a
# sign that no word has, and is told from nothing but another one.
_MARK = "~"
_MARKED = re.compile(rf" ?{_MARK}[^ ]+")
_HUSBAND = r"man|mannen|make|maken|husband|mann|ehemann|mies|mari|marido|marito"
_WIFE = r"fru|frun|maka|makan|hustrun?|wife|frau|ehefrau|kone|kona|vaimo|femme|esposa|moglie"
_YEAR = r"(?:19|20)\d\d(?:[-./]?[01]\d[-./]?[0-3]\d)?"
_BORN = rf"(?:(?:f|född|født|fødd|born|b|geb|geboren|s|synt)(?:\.\s*|\s+)|\*\s*)(?:{_YEAR}|\d{{6}})"
_YEARS_OLD = r"\d{1,3}\s*(?:år|åring|years?(?: old)?|yrs?|y|jahre?|v|ans|años)\.?"
_CLASS = r"(?:åk|årskurs|klass|class|klasse|grade|kl)\.?\s*\d{1,2}\s*[a-h]?"
_NEAR = re.compile(
    rf"[(\[]\s*(?:(?P<man>{_HUSBAND})|(?P<woman>{_WIFE})|(?P<mark>{_YEAR}|{_BORN}|{_YEARS_OLD}|{_CLASS}|\d{{1,2}}\s?[a-h]|[^\W\d_]"
    r"|mormor|morfar|farmor|farfar|grandmother|grandfather|grandma|grandpa|grandson|granddaughter|oma|opa|großmutter"
    r"|großvater|enkel(?:in)?|isoäiti|isoisä|mummo|ukki|vaari|bestemor|bestefar|bedstemor|bedstefar|abuela|abuelo"
    r"|(?:son|dotter)(?:son|dotter)(?:en)?|barn(?:et)?|barnbarn(?:et)?|barnebarn(?:et)?|child|kid|kind|lapsi|enfant"
    r"|(?:bonus|styv|plast|svär|gud)(?:mamma|pappa|mor|far|son|dotter|barn|förälder)|stepmother|stepfather|stepson"
    r"|stepdaughter|förälder|föräldern|forelder|forælder|parent|elternteil|huoltaja|vanhempi|målsman|vårdnadshavare"
    r"|vårdnadshavaren|förmyndare|guardian|vormund|foresatt|verge|værge|god man|förvaltare|ombud|elev|eleven|student"
    r"|pupil|schüler(?:in)?|oppilas|patient|vuxen|vuxna|adult|erwachsener?|voksen|aikuinen|ungdom(?:en)?|ung|minor|junior"
    r"|teenager|tonåring|bror|brodern|broder|syster|systern|brother|sister|bruder|schwester|veli|sisko|søster|frère|sœur"
    r"|tvilling(?:en)?|twin|kusin|cousin|faster|moster|farbror|morbror|aunt|uncle|tante|onkel|sambon?|särbo|partner"
    r"|svärson|svärdotter|lillebror|storebror|lillasyster|storasyster|stora?|lilla|liten|gamla|gamle|unga|unge|yngst"
    r"|yngsta|äldst|äldsta|mellersta|första|andra)(?:\s+(?:till?|av|af|to|of|zu|von|de)\s[^)\]]*)?)\s*[)\]]"
    rf"|(?:\s*,|\s+[-–—])\s*(?P<behind>{_CLASS}|{_YEARS_OLD}|{_YEAR})\s*$|\s[-–—](?P<short>\d\d)\s*$"
    rf"|[\s,]+(?P<born>{_BORN})\s*$",
    re.IGNORECASE,
)
# What stands in brackets behind nothing but a family's name may be whose it is: "Smith (John)".
_GIVEN_BESIDE = re.compile(r"[(\[]\s*([^\W\d_]{2,}(?:[\s-]+[^\W\d_]\w*)?)\s*[)\]]")
# Two words each are two names, or one family's name of two words, or what somebody does: it is asked wherever the other
# name has not all of them.
_TWO_AND_TWO = re.compile(r"\s*[^\W\d_][\w'’-]+\s+[^\W\d_][\w'’-]+\s*,\s*[^\W\d_][\w'’-]+\s+[^\W\d_][\w'’-]+\s*")
_PERHAPS_TWO = f"{_MARK}och"
# Of these the same words in another order are another's name: a woman's and a man's.
_OF_EITHER = frozenset(itertools.product(("maria", "marie"), ("jose", "jean")))
_DEGREE = re.compile(r"\b(ph|m|b|d)\.\s?(d|sc|a)\b\.?", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
# Numbers stand first in a key. With one word alone they are its name: "Kassa 2".
_WHICH_RECORD = re.compile(r"^\d{1,2} (?=[^ ]+ )")
# An address or a number that stands in a name is no part of it: it is read as what it is.
_DIALLED = re.compile(r"(?<!\w)[+(]{0,2}\d(?:[ ().–-]*\d){6,}(?!\w)")
_ADDRESS = re.compile(r"""[^\s;,|/<(\["']+@[^\s;,|>)\]"']+""")
_LETTER = re.compile(r"[^\W\d_]")
# Letters that look like Latin ones, in a word of both: typed on another keyboard, or copied from a scan.
_LOOK_LATIN = str.maketrans("аеорсухіјѕАВЕКМНОРСТУХІЈЅ", "aeopcyxijsABEKMHOPCTYXIJS")
_BOTH_SCRIPTS = re.compile(r"(?=[^\W\d_]*[a-zA-Z])(?=[^\W\d_]*[\u0400-\u04ff])[^\W\d_]+")
# How workbooks and some databases write a sign that cannot be seen: "_x000D_".
_ESCAPED = re.compile(r"_x(00[0-9A-Fa-f]{2}|[12][0-9A-Fa-f]{3})_")
_NO_NAME = re.compile(r"[\d@]")
# What people write before and after a name and nobody is called.
_EARLIER_TITLES = frozenset(
    {
        "dr", "doktor", "prof", "professor", "docent", "ing", "civ", "civing", "civilingenjor", "civilekonom", "tekn",
        "med", "fil", "jur", "kand", "mag", "lic", "phd", "msc", "bsc", "mba", "adv", "advokat", "mr", "mrs", "ms",
        "miss", "herr", "hr", "fru", "froken", "frk", "frau", "mme", "rouva", "mx", "sir",
        "siv", "cand", "dipl", "univ", "att", "attn", "vd", "ceo", "cfo", "cto",
    }
)  # fmt: skip
# Those were words of a name to earlier versions.
_TITLES = _EARLIER_TITLES | {
    "herra", "hra", "monsieur", "senor", "senhor", "signor", "signore", "rva", "madame", "senora", "senhora", "sra",
    "signora", "neiti", "nti", "mlle", "mademoiselle", "senorita", "srta", "signorina",
}  # fmt: skip
# Of a couple each is told by them alone where only the family's name follows, and so are their children.
_MAN, _WOMAN = "herr", "fru"
_UNWED, _BOY = f"{_MARK}froken", f"{_MARK}master"
_ADDRESSED = {
    **dict.fromkeys(
        ("mr", "herr", "hr", "sir", "herra", "hra", "monsieur", "senor", "senhor", "signor", "signore"), _MAN
    ),
    **dict.fromkeys(
        ("mrs", "ms", "fru", "frau", "mme", "rouva", "rva", "madame", "senora", "senhora", "sra", "signora"), _WOMAN
    ),
    **dict.fromkeys(
        ("miss", "froken", "frk", "neiti", "nti", "mlle", "mademoiselle", "senorita", "srta", "signorina"), _UNWED
    ),
}
# Words of a family's name of which the name is another one; queries/build/stage/normalise.sql knows them, too.
_PARTICLES = frozenset(
    {
        "von", "van", "af", "av", "de", "der", "den", "dos", "do", "la", "le", "du", "da", "di", "zu", "zum", "zur",
        "vom", "ten", "ter", "st", "el", "al",
    }
)  # fmt: skip
_OF_TWO = (_ELDER, _YOUNGER, _MAN, _WOMAN)
# In short those are a name's first letters, or the elder, where anything but a family's name follows.
_FAMILY = rf"(?=(?:(?:{'|'.join(sorted(_PARTICLES))})\s+)*\S+\s*$)"
_SHORT_TITLES = (
    (re.compile(rf"^\s*(?:fr(?:\.\s*|\s+)|sig\.\s?ra(?:\.\s*|\s+)){_FAMILY}", re.IGNORECASE), _WOMAN),
    (re.compile(rf"^\s*(?:sr(?:\.\s*|\s+)|sig\.\s*(?!ra\b|na\b)){_FAMILY}", re.IGNORECASE), _MAN),
    (re.compile(rf"^\s*sig\.\s?na(?:\.\s*|\s+){_FAMILY}", re.IGNORECASE), "signorina"),
)
# A first letter or a man's title: it stays a letter, and is no woman.
_MAN_OR_LETTER = re.compile(rf"^\s*M\.\s*{_FAMILY}")
_BOY_BEFORE = re.compile(rf"^\s*master\s+{_FAMILY}", re.IGNORECASE)
# What joins two persons in one name; queries/build/match/identifiers.sql knows them, too.
_AND_WORDS = frozenset({"och", "and", "und", "og", "ja", "samt"})
# What stands where a system wants a name and nobody knew one.
_NO_NAMES = frozenset(
    {
        "okand", "unknown", "ukjent", "ukendt", "unbekannt", "tuntematon", "saknas", "anonym", "anonymous", "na", "a n",
        "ej namn", "inget namn", "name no", "angivet ej",
    }
)  # fmt: skip
_COMPANY = (
    r"(?:ab|aktiebolag(?:et)?|hb|handelsbolag(?:et)?|kb|kommanditbolag(?:et)?|ltd|limited|inc|incorporated|corp|corporation"
    r"|llc|plc|gmbh|g\.m\.b\.h|ag|a/s|as|asa|aps|oyj?|osakeyhtiö|aksjeselskap|aktieselskab|anpartsselskab)\.?"
)
_LEGAL_FORM = re.compile(
    rf"^{_COMPANY} (?=\S)|(?<=\S),? {_COMPANY}(?: ?\(publ\)\.?)?$|(?<=\S) ?\(publ\)\.?$", re.IGNORECASE
)
# Mailboxes that several people read tell nobody apart.
_ROLES = frozenset(
    {
        "info", "kontakt", "contact", "support", "kundtjanst", "kundservice", "order", "faktura", "invoice", "ekonomi",
        "finance", "admin", "office", "hello", "hej", "sales", "salj", "hr", "it", "reception", "vaxel", "noreply",
        "no-reply", "post", "mail", "registrator", "webmaster", "postmaster", "kansli", "inkop", "styrelse", "personal",
        "redaktion", "marknad", "marketing", "bokning", "booking", "jobb", "jobs", "lon", "dpo", "gdpr", "privacy",
        "dataskydd",
    }
)  # fmt: skip
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "d"})


class Cell(NamedTuple):
    """What a cell says: `shown` as people read it, and a key for each identifier, the first one first, none twice.

    Without a key it says nothing that could be read, and `shown` is empty.
    """

    shown: str
    keys: tuple[str, ...]


def addresses(text: str) -> Cell:
    """The e-mail addresses of a cell; an address has one key, however it is written and whatever tag it bears."""
    # First the sign, by which an address in angle brackets is told from a tag.
    clean = _SPELLED_DOT.sub(".", _SPELLED_AT.sub("@", html.unescape(_plain(_without_footnotes(text)))))
    clean = _FOR_TRIALS.sub(r"\1@\2", _TAG.sub(" ", clean)).translate(_PARTED)
    if "@" not in clean:
        clean = _QUOTED_AT.sub("@", urllib.parse.unquote(clean))
    if "@" not in clean and (spoken := _SPOKEN.fullmatch(clean)):
        clean = f"{spoken[1]}@{_SPOKEN_DOT.sub('.', spoken[2])}"
    clean = _GUEST.sub(r"\1@\2", _ESCAPED_AROUND.sub(" ", clean))
    if "mailto" in clean.lower():
        clean = _QUERY.sub(" ", _MAILTO.sub(" ", urllib.parse.unquote(clean)))
    clean = _LOOSE_AT.sub("@", _DOUBLED.sub(r"\1", _NAMED_BY.sub(" ", clean)))
    if _LOOSE_DOTS.fullmatch(clean):
        clean = re.sub(r"\s", "", clean)
    elif comma := _COMMA_DOT.fullmatch(clean):
        clean = f"{comma[1]}.{comma[2]}"
    found: dict[str, str] = {}
    for candidate in _CANDIDATE.findall(clean):
        written = candidate.strip(_AROUND)
        # A domain has a dot without that.
        if written.rpartition("@")[2].count(".") > 1 and written.lower().endswith(_INVALID):
            written = written[: -len(_INVALID)]
        try:
            read = email_validator.validate_email(
                written, check_deliverability=False, allow_quoted_local=True, globally_deliverable=False
            )
        except email_validator.EmailNotValidError:
            continue
        local, domain = read.local_part.lower(), (read.ascii_domain or read.domain).lower()
        if "." in domain:
            found.setdefault(f"{local.split('+')[0] or local}@{domain}", f"{local}@{read.domain.lower()}")
    return Cell(", ".join(found.values()), tuple(found))


def numbers(text: str) -> Cell:
    """The phone numbers of a cell as +46...; one without a country is Swedish. An extension is the switchboard's."""
    if len(text) > _LONG_TEXT:
        # What is remarked would be looked for from each of its signs on, which takes minutes. Numbers are found anyway.
        return _called(text, _numbers_among(_plain(text)))
    clean = _ZERO.sub("", _ONE.sub(r"\g<1>1", _NOUGHT.sub("0", _EXTENSION.sub(";", _plain(_without_footnotes(text))))))
    clean = _WHICH_BEHIND.sub(_before_which, clean)
    # Each begins another number, of which the cell may have several.
    clean = _DAY.sub(" ", _HOURS.sub(" ", clean.replace("_", " ")))
    clean = _AND.sub(";", _WHICH_BEFORE.sub(";", _WHICH.sub(";", clean))).removeprefix(";")
    if quantity := _QUANTITY.fullmatch(clean):
        clean = quantity[1]
    elif power := _SCIENTIFIC.fullmatch(clean):
        # Fewer digits than it had are another number.
        clean = power[1] + power[2] if len(power[2]) == int(power[3]) else ""
    if ending := _OR_ENDING.fullmatch(clean):
        clean = f"{ending[1]};{ending[1][: -len(ending[2])]}{ending[2]}"
    # Each apart before any is read: what stands behind a semicolon would else pass for an extension.
    found = [key for part in _APART.split(clean) for key in _numbers(part)]
    return _called(text, found or _numbers(clean) or _numbers_among(clean))


def _called(text: str, found: Iterable[str]) -> Cell:
    """A cell with its numbers, as far as they are somebody's."""
    keys = tuple(dict.fromkeys(key for key in found if not _FILLED_IN.fullmatch(key)))
    return Cell(" ".join(text.split()) if keys else "", keys)


def _without_footnotes(text: str) -> str:
    """A small digit is a footnote's, and neither a number's nor an address's."""
    if text.isascii():
        return text
    return "".join(" " if unicodedata.category(sign) == "No" else sign for sign in text)


def _before_which(found: re.Match[str]) -> str:
    """A number without the digits in brackets behind it, as long as those are not its own last ones."""
    whole, before = _parsed(found[0]), _parsed(found[1])
    if before is None or not phonenumbers.is_possible_number(before):
        return found[0]
    is_own = whole is not None and phonenumbers.is_valid_number(whole) and not phonenumbers.is_valid_number(before)
    return found[0] if is_own else f"{found[1]};"


def _numbers(text: str) -> list[str]:
    whole = None if _WORD_BETWEEN.search(text) else e164(text)
    return [whole] if whole else [key for part in _PART.split(text) if (key := e164(part)) is not None]


def _numbers_among(text: str) -> list[str]:
    """What is surely a number in a cell that is none as a whole: two with nothing but a space between them, say."""
    among = phonenumbers.PhoneNumberMatcher(text, _HOME, leniency=phonenumbers.Leniency.VALID)
    found = [phonenumbers.format_number(one.number, phonenumbers.PhoneNumberFormat.E164) for one in among]
    return found or _numbers_beside(text)


def _numbers_beside(text: str) -> list[str]:
    """Numbers with spaces between their groups of digits, and between themselves: each begins with a nought or a plus.
    What is not valid numbers from end to end is none.
    """
    found: list[str] = []
    begun = ""
    for part in _BEGINS.split(text.strip()):
        begun = f"{begun} {part}".strip()
        number = _parsed(begun)
        if number is not None and phonenumbers.is_valid_number(number):
            found.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
            begun = ""
        elif len(begun) > _LONGEST:
            return []
    return found if not begun and len(found) > 1 else []


def name_key(text: str) -> str | None:
    """A name without capitals, accents, titles, addresses, numbers and what stands in parentheses, its words in the
    order of the alphabet: whether the family name comes first is a habit of the source. None where no name is left, or
    only a word that stands for one.
    """
    told = _told(text)
    bare, generation = _without_generation(told)
    words = _words(bare)
    if generation is not None and words:
        return _key([*_untitled(words), generation])
    near, mark = _without_remark(html.unescape(_plain(text)))
    if mark is not None and (words := _untitled(_words(near_told := _told(near)))):
        beside = () if mark in (_MAN, _WOMAN) else _addressed(near_told)
        return _key([*words, *beside, mark])
    bare_words = _untitled(_words(told))
    return _key([*bare_words, *_addressed(told), *_given(told, bare_words)] if bare_words else bare_words)


def earlier_name_key(text: str) -> str | None:
    """The same as it was read before it had whether somebody is the elder or the younger, and had still that a record
    is a copy: entries of the suppression list were made with it.
    """
    told = _all_words(_told(text, is_earlier=True))
    return _key(_untitled([word for word in told if word not in _EARLIER_TITLES]))


def _told(text: str, *, is_earlier: bool = False) -> str:
    """A name without what is remarked around it, an address or a number; of earlier, with that it is a copy."""
    told = _EMPLOYER.sub("", _CARE_OF.sub("", _GONE_BEFORE.sub("", _GONE.sub("", html.unescape(_plain(text))))))
    if not is_earlier:
        told = _of_each(_COPIED.sub(r"\g<word>", _COPY_OF.sub("", told)))
        for short, title in _SHORT_TITLES:
            told = short.sub(f"{title} ", told)
    told = _JOINED.sub(" och ", told)
    return _DEGREE.sub(r"\1\2", _DIALLED.sub(" ", _ADDRESS.sub(" ", told)))


def _of_each(told: str) -> str:
    """Several names in a cell with a word between them that says so."""
    parts = _NAMES_APART.split(told.strip())
    if len(parts) > 1 and all(_WHOLE_NAME.fullmatch(part) for part in parts):
        told = " och ".join(parts)
    given = _GIVEN_APART.match(told)
    if given and given[1].casefold() not in _TITLES and given[1][0].casefold() != given[2].casefold():
        told = f"{given[1]} och {told[given.end() :]}"
    told = _TWO_NAMED.sub(_joined_by, told)
    told = _LEADS_SHORT.sub(
        lambda found: " och " if found["next"].isupper() and (found["whole"] or _is_whole(found)) else found[0], told
    )
    return _JOINED_SHORT.sub(lambda found: " och " if found[1].isupper() else found[0], told)


def _joined_by(found: re.Match[str]) -> str:
    """What two are named by, as the word for it; a relative is one of them."""
    return found[0] if found["beside"] else f" {found['kin'] or ''} och "


def _is_whole(found: re.Match[str]) -> bool:
    """Whether a name of two words or more stands before what leads to another, which is no degree of theirs."""
    return len(found.string[: found.start()].split()) > 1 and found[0].split()[0].strip(".") != "med"


def _addressed(told: str) -> Sequence[str]:
    """Whether a man or a woman is meant where a family's name is all that is known: "Herr Berg" is not "Fru Berg"."""
    if _MAN_OR_LETTER.match(told):
        return (_MAN,)
    named = [words for word in _BESIDE.sub("", told).split() if (words := _all_words(word)) and not _is_beside(words)]
    meant = {_ADDRESSED[word] for word in _all_words(told) if word in _ADDRESSED}
    return tuple(meant) if len(named) == len(meant) == 1 else ()


def _is_beside(words: Sequence[str]) -> bool:
    """Whether that is titles, what a family's name begins with, or the first letter of a name."""
    return all(word in _TITLES or word in _PARTICLES for word in words) or (
        len(words) == 1 and re.fullmatch("[a-z]", words[0]) is not None
    )


def _without_remark(text: str) -> tuple[str, str | None]:
    """A name without what is remarked of which of several somebody is, and the mark that stands for it in a key."""
    if boy := _BOY_BEFORE.match(text):
        return text[boy.end() :], _BOY
    found = _NEAR.search(text)
    if found is None:
        return text, None
    bare = f"{text[: found.start()]} {text[found.end() :]}"
    if found["man"] or found["woman"]:
        return bare, _MAN if found["man"] else _WOMAN
    said = found["mark"] or found["behind"] or found["short"] or found["born"]
    is_born = re.fullmatch(_BORN, said, re.IGNORECASE) is not None
    return bare, _mark(re.sub(r"\D", "", said) if is_born else said)


def _mark(said: str) -> str:
    return f"{_MARK}{''.join(_all_words(said))}"


def _given(told: str, words: Sequence[str]) -> Iterator[str]:
    """What tells somebody of a family's name by a given name in brackets, or by the order of given names; and that a
    comma may stand between two names.
    """
    beside = _GIVEN_BESIDE.search(told)
    said = beside[1] if len(words) == 1 and beside is not None and _untitled(_words(beside[1])) else ""
    # All in capitals it is a word of some system's, unless the whole name is.
    if said[:1].isupper() and (told.isupper() or not said.isupper()):
        yield _mark(said)
    for one, other in itertools.pairwise(words) if len(words) > 2 else ():
        if (one, other) in _OF_EITHER or (other, one) in _OF_EITHER:
            yield f"{_MARK}{one}{other}"
            return
    if len(words) == 4 and _TWO_AND_TWO.fullmatch(told) and _PARTICLES.isdisjoint(words):
        yield _PERHAPS_TWO


def _without_generation(told: str) -> tuple[str, str | None]:
    """A name, and which of two of that name is meant where it says so. In "Junior Berg" both words are the name."""
    if (kin := _KIN.search(told)) is not None:
        return f"{told[: kin.start()]} {told[kin.end() :]}", _ELDER if kin["older"] else _YOUNGER
    found = _GENERATION.search(told)
    if found is None:
        return told, None
    older, newer = found["older"] or found["sr"], found["newer"] or found["jr"]
    bare = f"{told[: found.start()]} {told[found.end() :]}"
    is_short = (older or newer).casefold() in (_ELDER, _YOUNGER)
    return (bare, _ELDER if older else _YOUNGER) if is_short or len(_words(bare)) > 1 else (told, None)


def _words(told: str) -> list[str]:
    """The words of a name, without capitals, accents, titles and what stands beside it."""
    return [word for word in _all_words(told) if word not in _TITLES]


def _all_words(told: str) -> list[str]:
    # Who is called nothing but what stands beside names is called that.
    clean = beside if _WORD.search(beside := _BESIDE.sub("", told)) else told
    letters = unicodedata.normalize("NFKD", clean.lower().translate(_LETTERS))
    if not letters.isascii():
        letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _WORD.findall(letters)


def _untitled(words: Sequence[str]) -> list[str]:
    """Without what says of whom there are two where that stands before a name: a title."""
    return [word for word in words if word not in (_ELDER, _YOUNGER)]


def _key(words: Iterable[str]) -> str | None:
    key = " ".join(sorted(words))
    return key if _LETTER.search(key) and key not in _NO_NAMES else None


def without_generation(key: str) -> str:
    """The key of a name without which of two or more of that name somebody is."""
    return " ".join(word for word in key.split() if word not in _OF_TWO and not word.startswith(_MARK))


def are_told_apart(one: str, other: str) -> bool:
    """Whether the keys of two names say of whom there are several, and not the same: a man is meant by one and a woman
    by the other, or somebody's child and a grandmother; or whether one of them may be of two persons, of whom the other
    is one.
    """
    if (_PERHAPS_TWO in one.split()) != (_PERHAPS_TWO in other.split()):
        return unaddressed(without_number(one)) != unaddressed(without_number(other))
    told = zip(_told_by(one), _told_by(other), strict=True)
    return any(said and its and said != its for said, its in told)


def _told_by(key: str) -> tuple[set[str], set[str]]:
    """How somebody is addressed, and what else tells which of several they are."""
    addressed = {_MAN, _WOMAN, _UNWED, _BOY}
    said = {word for word in key.split() if word in _OF_TWO or word.startswith(_MARK)}
    return said & addressed, said - addressed


def unaddressed(key: str) -> str:
    """The key of a name without whether a man or a woman is meant, or what else is remarked of whom: either may be
    whoever has the whole name.
    """
    return " ".join(word for word in key.split() if word not in (_MAN, _WOMAN) and not word.startswith(_MARK))


def without_number(key: str) -> str:
    """The key of a name of two words without which of several records of that name it is: "Anna Berg 2". No more does
    the suppression list know what is remarked of somebody.
    """
    return _WHICH_RECORD.sub("", _MARKED.sub("", key).strip())


def same_name(one: str, other: str) -> bool:
    """Whether two keys are of one name: who is called the elder is not the younger, and may be called neither."""
    bare = without_generation(one)
    return bare == without_generation(other) and (one == other or bare in (one, other))


def readings(key: str) -> set[str]:
    """The keys by which the suppression list may know whoever has this one: as it is, without which of several records
    it is, as either or neither of two of one name, and each of them in one spelling.
    """
    keys = {one for told in (key, without_number(key)) for one in _of_any_age(told)}
    return keys | {one_spelling(one) for one in keys}


def _of_any_age(key: str) -> Iterator[str]:
    bare = without_generation(key)
    yield from (key, bare)
    if bare == key:
        yield from (" ".join(sorted([*key.split(), mark])) for mark in _OF_TWO)


def is_of_several(key: str) -> bool:
    """Whether the key of a name is of more than one person: "Anna och Bo Berg"."""
    return not _AND_WORDS.isdisjoint(key.split())


def one_spelling(key: str) -> str:
    """What stands for the key of a name where names are compared: Müller is written Mueller, Åsa Aasa and Sørensen
    Soerensen by systems that lack these letters.
    """
    for written, letter in (("aa", "a"), ("ae", "a"), ("oe", "o"), ("ue", "u")):
        key = key.replace(written, letter)
    return key


def without_legal_form(name: str) -> str:
    """An organisation's name without what kind of company it is, by which it is looked for: systems write that in their
    own ways, or leave it out. What is nothing else stays.
    """
    bare = _LEGAL_FORM.sub("", " ".join(unicodedata.normalize("NFC", name).split()))
    return bare or name.strip()


def is_role_mailbox(key: str) -> bool:
    """Whether an address, as records are matched by, is a mailbox that several people read."""
    return key.partition("@")[0] in _ROLES


def read_cells(con: duckdb.DuckDBPyConnection) -> bool:
    """Reads what is not plain in the view `staged`, and of its names what is in `name_apart`, into the tables
    `read_address`, `read_number` and `read_name` (original, shown, keys): one row per way of writing, without keys
    where nothing could be read. Returns whether any address or number is among them.
    """
    mailed = _read(con, "odd_addresses", "read_address", addresses)
    called = _read(con, "odd_numbers", "read_number", numbers)
    _read(con, "odd_names", "read_name", _name)
    return bool(mailed or called)


def read_lines(con: duckdb.DuckDBPyConnection) -> None:
    """Reads the addresses in what is kept of rows that stay out, as far as they are not plain, into `read_line`."""
    _read(con, "odd_lines", "read_line", addresses)


def read_rejected(con: duckdb.DuckDBPyConnection) -> None:
    """Reads whatever tells somebody in rows that could not be read, whose cells may be anything, into `read_rejected`
    (row_no, kind, value): every cell as a key, the addresses and numbers of each, and beside those every cell, and two
    that stand beside each other, as a name; `whole_name` where it looks like one, of words and nothing else.
    """
    found: set[tuple[int, str, str]] = set()
    for row_no, cells in con.execute(queries.load("rejected")).fetchall():
        texts = [text for cell in cells if (text := (cell or "").strip())]
        found.update((row_no, "key", key) for text in texts for key in {text, _seen_key(text)} if key)
        called = {(row_no, "phone", key) for text in texts for key in numbers(text).keys}
        mailed = {(row_no, "email", key) for text in texts if "@" in _plain(text) for key in addresses(text).keys}
        if called or mailed:
            names = [*texts, *(f"{one} {other}" for one, other in itertools.pairwise(texts))]
            found.update((row_no, "old_name", name) for name in names)
            found.update(
                (row_no, "name", spelled)
                for name in names
                if (key := name_key(name))
                for spelled in {*readings(key), earlier_name_key(name) or key}
            )
            found.update(
                (row_no, "whole_name", name)
                for name in names
                if len(_WORD.findall(name)) > 1 and not _NO_NAME.search(name)
            )
        found |= called | mailed
    rows = sorted(found)
    columns = {
        "row_no": pa.array([row[0] for row in rows], pa.int64()),
        "kind": pa.array([row[1] for row in rows], pa.string()),
        "value": pa.array([row[2] for row in rows], pa.string()),
    }
    con.register("read_frame", pa.table(columns))
    con.execute(queries.load("read_rejected"))
    con.unregister("read_frame")


def _seen_key(text: str) -> str:
    """A key without signs that nobody sees, as the macro `seen_key` has those of the rows that are read."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf").strip().lstrip("'").strip()


def _name(text: str) -> Cell:
    """Its key, and behind it the one that it had earlier where that was another."""
    keys = tuple(dict.fromkeys(key for key in (name_key(text), earlier_name_key(text)) if key))
    return Cell(text, keys) if keys else Cell("", ())


def _read(con: duckdb.DuckDBPyConnection, odd: str, into: str, read: Callable[[str], Cell]) -> int:
    """Returns how many ways of writing there are."""
    originals = [str(text) for (text,) in con.execute(queries.load(odd)).fetchall() if text is not None]
    cells = [read(text) for text in originals]
    frame = pa.table(
        {
            "original": pa.array(originals, pa.string()),
            "shown": pa.array([cell.shown or None for cell in cells], pa.string()),
            "keys": pa.array([list(cell.keys) for cell in cells], pa.list_(pa.string())),
        }
    )
    con.register("read_frame", frame)
    con.execute(queries.load(into))
    con.unregister("read_frame")
    return len(originals)


def _plain(text: str) -> str:
    """Without what nobody sees (marks of order and width, soft hyphens), full-width signs as they are usual, and words
    in the letters that most of them are of.
    """
    folded = unicodedata.normalize("NFKC", _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), text))
    if folded.isascii() and folded.isprintable():
        return folded
    seen = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") and sign != "\n" else sign
        for sign in folded
        if unicodedata.category(sign) != "Cf"
    )
    return seen if seen.isascii() else _BOTH_SCRIPTS.sub(lambda word: word[0].translate(_LOOK_LATIN), seen)


def e164(number: str) -> str | None:
    """One phone number as +46..., or None where it is no possible number; one without a country is Swedish."""
    parsed = _parsed(number)
    # Zeros are what somebody typed into a field that must be filled.
    if parsed is None or not phonenumbers.is_possible_number(parsed) or not parsed.national_number:
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    digits = re.sub(r"[^\W\d_]+\.?:?", " ", number).strip()
    try:
        return phonenumbers.parse(digits, _HOME)
    except phonenumbers.NumberParseException:
        return None
