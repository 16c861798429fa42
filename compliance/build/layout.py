"""Where a table begins in what was delivered, and which of its rows are no data: titles, totals, footers, headers.

Exports as systems write them have lines about the report above the headers and below the rows. What is surely such a
line is told as no data; what might be a person after all is never that, but is loaded or put into quarantine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

Cells = Sequence[str | None]

# How far down headers are looked for, and how many rows below them say what the columns hold.
_HEAD, _BELOW = 40, 30
# Fewer cells that count the columns may be somebody's.
_COUNTED = 4
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_ADDRESS = re.compile(r"[^\s@;,<>]+@[^\s@;,<>]+\.[^\s@;,<>]+")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b")
_NUMBER = re.compile(r"[-+(]?\d[\d\s()/.,+-]*%?")
_NUMBER_SIGNS = ("#", "№", "Nº")
_NOUNS = (
    r"rader|rad|poster|post|kontakter|personer|kunder|anställda|st|rows?|records?|lines?|contacts?|items?|entries|"
    r"employees|leads|members|zeilen|datensätze|kontakte|riviä|rivit|henkilöä|rækker|kpl|stk|stück|pcs"
)
_TOTAL_WORDS = (
    r"(?:summa|totalt) antal|antal totalt|"
    r"grand totals?|sub-?totals?|totals?|totalt|totalsumma|delsumma|delsummor|slutsumma|summa|sum|antal|count|"
    r"(?:number|antal) (?:of )?(?:rows|records|contacts|rader|poster)|gesamt|gesamtsumme|summe|anzahl|yhteensä|i alt|"
    r"total g[eé]n[eé]ral|totaal|eindtotaal|samlet|samlet antal|sammanlagt|totalt anta(?:l|ll)|antall?|"
    r"antall? (?:i alt|totalt)|(?:kaikki|rivejä|henkilöitä) yhteensä|insgesamt|gesamt(?:ergebnis|anzahl|zahl)|"
    r"zwischen(?:summe|ergebnis)|teilergebnis|totalsum|hovedtotal|delsum|(?:loppu|väli|kokonais)summa|"
    r"lukumäärä|(?:row|record|total) count|count of (?:rows|records)|"
    r"medelvärde|genomsnitt|snitt|average|mean|durchschnitt|mittelwert|gjennomsnitt|gennemsnit|keskiarvo"
)
# Nothing but the word, a number and what is counted: "Totalt: 2 rader", "Grand Totals (1,234 records)".
_TOTAL = re.compile(
    rf"\W*(?:(?:{_TOTAL_WORDS})(?:\s+(?:{_NOUNS}))?[\s:=(]*(?:[-+]?\d[\d\s.,]*\s*(?:{_NOUNS}|kr|sek|%)?)?"
    rf"|[(]?\d[\d\s.,]*\s*(?:{_NOUNS})(?:\s+(?:affected|returned|selected|exported|exporterade|totalt|påverkades))?)\W*",
    re.IGNORECASE,
)
_FOOTER_WORDS = (
    r"copyright\b|(?:©|\(c\))\s*\w|confidential\b|konfidentiell|sekretess|"
    r"(?:report |rapporten |rapport )?(?:generated|created|exported|printed|produced|skapad|genererad|exporterad|"
    r"utskriven|framtagen|erstellt|eksportert|udskrevet)"
    r"\s*(?:by|on|at|from|av|den|från|von|am|:|\d)|"
    r"end of (?:report|file|data)\b|slut på (?:rapport|fil|lista)|rapportslut|eof\b|page \d+|sida \d+|"
    r"do not distribute|all rights reserved|filtered by\b|filter:|as of \d|(?:trl|trailer)\W*\d*$"
)
_FOOTER = re.compile(rf"\W*(?:{_FOOTER_WORDS})", re.IGNORECASE)
# Who made or printed the report, beside whom it names: a person of the company's, or after all a row.
_AUTHOR_WORDS = (
    r"(?:(?:rapport(?:en)?|report|bericht|listan?)\s+)?(?:"
    r"(?:skapad|skapat|utskriven|genererad|exporterad|framtagen|uttagen|upprättad|sammanställd|uppdaterad|beställd) av|"
    r"(?:created|generated|exported|printed|produced|prepared|compiled|updated|requested|run) by|"
    r"(?:erstellt|gedruckt|exportiert|erzeugt|ausgedruckt) (?:von|durch)|"
    r"(?:utarbeidet|opprettet|skrevet ut|eksportert|laget|udarbejdet|oprettet|udskrevet|eksporteret|lavet) a[vf]|"
    r"laatija|laatinut|tulostanut|tulostaja|luonut|rapportägare|ansvarig för rapporten|ersteller|author|upphovsman)"
)
_AUTHOR = re.compile(rf"\W*(?:{_AUTHOR_WORDS})\W*", re.IGNORECASE)

# "Delsumma Bolaget AB" and, as spreadsheets put it, "Bolaget AB Summa": what it counts stands beside its word.
_SUM_WORDS = (
    r"(?:del|slut)?summa(?: för)?|totalsumma(?: för)?|(?:sub-?)?totals?(?: for)?|totalt(?: för| for)?|antal(?: för)?|"
    r"(?:zwischen)?summe(?: für)?|(?:teil|gesamt)?ergebnis|yhteensä|välisumma|i alt(?: for)?|delsum(?: for)?|count"
)
# A longer text is no such line, and would be tried from each of its signs on.
_GROUP_TOTAL = re.compile(rf"(?=.{{1,200}}$)\W*(?:(?:{_SUM_WORDS})[\s:]+\S.*|\S.*\s(?:{_SUM_WORDS}))\W*", re.IGNORECASE)

# Dashes under the headers as databases print them, names of types, and what a form's questions are called inside.
_TYPE_WORDS = (
    r"(?:tiny|small|big)?int(?:eger)?|n?(?:var)?char(?:acter varying)?(?:\(\w+\))?|string|n?text|date|datetime2?"
    r"|timestamp|bool(?:ean)?|bit|float|double|real|numeric(?:\([\d,]+\))?|decimal(?:\([\d,]+\))?|money"
    r"|uniqueidentifier|uuid|object|number|picklist|lookup|checkbox|e-?mail|phone|url|datum|tal|heltal"
    r"|required|mandatory|optional|obligatoriskt?|valfri(?:tt)?|frivilligt?|pflichtfeld|obligatorisch|pflicht|påkrevd|påkrævet"
    r"|valgfri(?:tt)?|pakollinen|valinnainen|fritext|(?:åååå|yyyy|jjjj|vvvv|aaaa)[-/.]mm[-/.](?:dd|tt|pp)"
    r"|(?:dd|tt|pp)[-/.]mm[-/.](?:åååå|yyyy|jjjj|vvvv|aaaa)"
)
_RULE = re.compile(rf"[\W_]+|[(\[<]?(?:{_TYPE_WORDS})[)\]>]?|\{{\s*\"ImportId\".*\}}", re.IGNORECASE)

# What a row of no data begins with: to find the few that are looked at closely. RE2 and Python read it alike.
SUSPECT = (
    rf"(?i)^\W*(?:{_TOTAL_WORDS}|{_FOOTER_WORDS}|{_AUTHOR_WORDS}\W*$|[(]?\d[\d\s.,]*\s*(?:{_NOUNS})\b)"
    rf"|^(?:[\W_]+|[(\[<]?(?:{_TYPE_WORDS})[)\]>]?)$|^\{{\s*\"ImportId\"|^\W*[1a]\W*$|\s(?:{_SUM_WORDS})\W*$"
)


class NoData(StrEnum):
    """Why a line is no data. Texts: `no_data.<value>`."""

    SEPARATOR = "separator"
    WRONG_SEPARATOR = "wrong_separator"
    TITLE = "title"
    BLANK = "blank"
    TOTAL = "total"
    FOOTER = "footer"
    REPEATED_HEADER = "repeated_header"
    RULE = "rule"


# A row that looks like no data and may be somebody: it stays out until a person has looked at it.
DOUBTFUL = "doubtful_row"


@dataclass(frozen=True)
class Record:
    """A row of a file: the line at which it begins, from 1, and its cells."""

    line: int
    cells: tuple[str, ...]

    # Each of the first rows is looked at beside each other one, so that what it says by itself is found out once.

    @cached_property
    def filled(self) -> int:
        """How many of its cells hold anything."""
        return sum(bool(cell.strip()) for cell in self.cells)

    @cached_property
    def counts(self) -> bool:
        """Whether it does nothing but count the columns."""
        return counts_columns(self.cells)

    @cached_property
    def ends(self) -> bool:
        """Whether it is a total or a footer by itself."""
        return judge(self.cells, ()) in (NoData.TOTAL, NoData.FOOTER)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its cells as they are compared."""
        return tuple(cell.strip().casefold() for cell in self.cells)

    @cached_property
    def shapes(self) -> tuple[str, ...]:
        """What kind of value each of its cells holds."""
        return tuple(shape(cell) for cell in self.cells)


@dataclass(frozen=True)
class Layout:
    """Where a table begins. `names` are its headers, of two rows where there are two; `first` is the place of the
    header row among the records that were looked at, and `titles` are the records before it, with None as the reason of
    one that may be somebody. `repeats` are rows that say the headers again. `over`: how many words stand over values.
    """

    first: int
    names: tuple[str, ...]
    titles: tuple[tuple[Record, NoData | None], ...] = ()
    repeats: tuple[tuple[str, ...], ...] = ()
    over: int = 0


def is_blank(cells: Cells) -> bool:
    """Whether nothing stands in a row."""
    return not any(cell and cell.strip() for cell in cells)


def counts_columns(cells: Cells) -> bool:
    """Whether a row does nothing but count the columns: 1, 2, 3, or A, B, C, as forms of authorities have it."""
    filled = [(place, cell.strip().casefold()) for place, cell in enumerate(cells) if cell and cell.strip()]
    if len(filled) < _COUNTED or filled[-1][0] - filled[0][0] >= len(filled):
        return False
    bare = [cell.strip("()[]. ") for _, cell in filled]
    return bare == [str(nth) for nth in range(1, len(bare) + 1)] or bare == list(_ALPHABET[: len(bare)])


def has_address(cells: Cells) -> bool:
    """Whether an e-mail address stands in a row: such a row may be somebody, whatever else it looks like."""
    return any(cell and "@" in cell and _ADDRESS.search(cell) for cell in cells)


def find(records: Sequence[Record]) -> Layout | None:
    """Where the headers are among the first records of a table; None where none of them can be headers.

    The first row is, unless the rows before another are titles by their few cells, and that one's words stand over
    columns of values that are none of its own.
    """
    rows = [place for place, record in enumerate(records) if record.filled]
    if not rows:
        return None
    best: int | None = None
    for nth, place in enumerate(rows[:_HEAD]):
        above = [records[other] for other in rows[:nth] if not records[other].counts]
        if _may_be_headers(records, rows, nth, above) and (
            best is None or records[place].filled > records[best].filled
        ):
            best = place
    if best is None:
        return None
    return _whole(records, best)


def judge(cells: Cells, repeats: Sequence[Cells], key_at: int | None = None) -> str | None:
    """Why a row is no data, DOUBTFUL where that cannot be known, None where it is data.

    `repeats` are the headers as the file writes them, `key_at` is the column of the row's key where that is known.
    """
    filled = [(place, cell.strip()) for place, cell in enumerate(cells) if cell and cell.strip()]
    if not filled:
        return NoData.BLANK
    for header in repeats:
        same = sum(
            place < len(header) and cell.casefold() == (header[place] or "").strip().casefold()
            for place, cell in filled
        )
        if same == len(filled):
            return NoData.REPEATED_HEADER
        if same >= 2 and 2 * same > len(filled) and not has_address(cells):
            return DOUBTFUL
    first = filled[0][1]
    rest = filled[1:]
    reason: NoData
    if all(_RULE.fullmatch(cell) for _, cell in filled) and (len(filled) > 1 or not first.isalnum()):
        return NoData.RULE
    if counts_columns(cells):
        return NoData.RULE
    if _TOTAL.fullmatch(first) and all(_NUMBER.fullmatch(cell) or _TOTAL.fullmatch(cell) for _, cell in rest):
        reason = NoData.TOTAL
    elif rest and _GROUP_TOTAL.fullmatch(first) and all(_NUMBER.fullmatch(cell) for _, cell in rest):
        # Under the keys it is nobody's; elsewhere somebody may be called that, and the number be a phone's.
        return NoData.TOTAL if filled[0][0] == key_at else DOUBTFUL
    elif _FOOTER.match(first) and (not rest or (len(rest) == 1 and first.endswith(":"))):
        reason = NoData.FOOTER
    elif rest and _AUTHOR.fullmatch(first):
        return DOUBTFUL
    else:
        return None
    if has_address(cells):
        return DOUBTFUL
    # "Total" under the names, beside a number under the keys: a total with its count, or somebody.
    if key_at is not None and any(place == key_at for place, _ in rest):
        return DOUBTFUL
    return reason


def judge_end(rows: Sequence[Cells], repeats: Sequence[Cells], key_at: int | None = None) -> list[str | None]:
    """The same for the last rows of a table, which say more together: the name of the report or of the company among
    totals and footers is a footer too. None for what is data, or not surely anything else.
    """
    found = [judge(row, repeats, key_at) for row in rows]
    begin = len(rows)
    while begin and (found[begin - 1] in set(NoData) or _may_be_footer(rows[begin - 1])):
        begin -= 1
    for place in _second_table(rows, found, key_at):
        found[place] = DOUBTFUL
    # Before the first that is known only what a blank row parts from the data.
    told = next((place for place in range(begin, len(rows)) if found[place] in (NoData.TOTAL, NoData.FOOTER)), None)
    if told is None:
        return found
    parted = next((place for place in range(begin, told) if found[place] == NoData.BLANK), told)
    for place in range(parted, len(rows)):
        found[place] = found[place] or NoData.FOOTER
    return found


def _second_table(rows: Sequence[Cells], found: Sequence[str | None], key_at: int | None) -> list[int]:
    """The rows of another table that stands below: under headers of its own, words alone where every row above has a
    number in its key, and in fewer columns. They may be somebody's after all. None where a row follows that fills more.
    """
    if key_at is None:
        return []
    above = 0
    below: list[int] = []
    headed: set[int] | None = None
    for place, row in enumerate(rows):
        filled = {at for at, cell in enumerate(row) if cell and cell.strip()}
        if found[place] is not None or not filled:
            continue
        if headed is not None:
            if not filled <= headed:
                return []
            below.append(place)
        elif key_at not in filled:
            # A row that is cut short tells nothing of what stands below it.
            return []
        elif any(letter.isdigit() for letter in row[key_at] or ""):
            above += 1
        elif above >= 2 and 2 <= len(filled) <= len(row) // 2 and _are_words(row):
            headed = filled
            below.append(place)
        else:
            return []
    return below


def _are_words(row: Cells) -> bool:
    return all(shape(cell) == "word" and not re.search(r"\d", cell) for cell in row if cell and cell.strip())


def shortened(cells: Cells, length: int = 60) -> str:
    """What a row says, in a few words."""
    text = " ".join(" · ".join(cell.strip() for cell in cells if cell and cell.strip()).split())
    return text if len(text) <= length else text[: length - 1] + "…"


def _may_be_footer(row: Cells) -> bool:
    """A single text that is no key: it has spaces or no digits."""
    filled = [cell.strip() for cell in row if cell and cell.strip()]
    return (
        len(filled) == 1
        and not has_address(filled)
        and (" " in filled[0] or not any(letter.isdigit() for letter in filled[0]))
    )


def shape(cell: str | None) -> str:
    """What kind of value a cell holds: address, date, number, a code by its pattern, word, or signs alone."""
    text = (cell or "").strip()
    if not text:
        return ""
    if has_address((text,)):
        return "address"
    if _DATE.match(text):
        return "date"
    if _NUMBER.fullmatch(text):
        return "number"
    if " " not in text and any(letter.isdigit() for letter in text):
        return re.sub(r"\d+", "9", text)
    return "word" if any(letter.isalpha() for letter in text) else "sign"


def reads_as_headers(record: Record) -> bool:
    """Words, and neither an address nor a date; of numbers only a few. A sign for a number is a header too."""
    told = zip(record.cells, record.shapes, strict=True)
    shapes = [shape for cell, shape in told if shape and cell.strip() not in _NUMBER_SIGNS]
    return not {"address", "date", "sign"} & set(shapes) and 2 * shapes.count("number") < len(shapes)


def _against(record: Record, below: Sequence[Record]) -> tuple[int, int]:
    """In how many columns the record's cell is of the kind of the values below it, and in how many it is a word over
    values.
    """
    alike = over = 0
    if record.filled > 2:
        # Totals and footers, and a single cell that may be one, say nothing of the columns while others do.
        below = [row for row in below if row.filled > 1 and not row.ends] or below
    for place, mine in enumerate(record.shapes):
        # Headers that come again say nothing of the values.
        others = [row for row in below if place < len(row.cells) and row.words[place] != record.words[place]]
        values = [row.shapes[place] for row in others if row.shapes[place] not in ("", "sign")]
        if not mine or not values:
            continue
        common, times = Counter(values).most_common(1)[0]
        if common == "word" or times * 5 < len(values) * 3:
            # Codes differ in their letters; what all of them have and a word has not is a digit.
            if mine == "word" and sum(value != "word" for value in values) * 5 >= len(values) * 4:
                over += 1
            continue
        if mine == common:
            alike += 1
        elif mine == "word":
            over += 1
    return alike, over


def _may_be_headers(records: Sequence[Record], rows: Sequence[int], nth: int, above: Sequence[Record]) -> bool:
    record = records[rows[nth]]
    below = [records[place] for place in rows[nth + 1 : nth + 1 + _BELOW] if not records[place].counts]
    if not reads_as_headers(record) or record.counts:
        return False
    alike, over = _against(record, below)
    if not above:
        # Like the rows below and over nothing: it is one of them, and the file has no headers.
        return not (alike and not over and len(below) > 1)
    if record.filled < 2 or alike or not all(one.filled <= max(1, record.filled // 2) for one in above):
        return False
    # Where there are words alone, a blank line says what belongs to the report.
    return over > 0 or (not records[rows[nth] - 1].filled and all(one.filled == 1 for one in above))


def _whole(records: Sequence[Record], place: int) -> Layout:
    """The layout of a table whose headers stand at `place`, or begin or end there."""
    header = records[place]
    names, begins, ends = header.cells, place, place
    follows = _next(records, place)
    group = records[place - 1] if place and records[place - 1].filled >= 2 else None
    if follows is not None and _completes(header, records[follows], records, follows):
        names, ends = _joined(header.cells, records[follows].cells), follows
    elif group is not None and reads_as_headers(group) and not group.counts and _heads(group, header):
        names, begins = _joined(group.cells, header.cells), place - 1
    titles = tuple((record, _title(record, nth == 0)) for nth, record in enumerate(records[:begins]))
    repeats = [records[ends].cells]
    again = _next(records, ends)
    if again is not None and not records[again].counts and _says_again(records, again, records[ends]):
        repeats.append(records[again].cells)
    over = _against(records[ends], _below(records, ends))[1]
    return Layout(ends, names, titles, tuple(repeats), over)


def _title(record: Record, is_first: bool) -> NoData | None:
    if not record.filled:
        return NoData.BLANK
    if has_address(record.cells):
        return None
    return NoData.SEPARATOR if is_first and separator_of(record.cells[0]) is not None else NoData.TITLE


def separator_of(line: str) -> str | None:
    """What a first line tells the spreadsheet that the separator is; None where it is any other line."""
    told = re.fullmatch(r'"?sep\s*= ?(.?)"?[\s;,]*', line.strip("\r\n"), re.IGNORECASE)
    return told[1] if told else None


def _next(records: Sequence[Record], place: int) -> int | None:
    return place + 1 if place + 1 < len(records) and records[place + 1].filled else None


def _below(records: Sequence[Record], place: int) -> list[Record]:
    return [record for record in records[place + 1 : place + 1 + _BELOW] if record.filled and not record.counts]


def _completes(header: Record, second: Record, records: Sequence[Record], place: int) -> bool:
    """Whether the next row is the second row of headers: it names what the first leaves open, under merged cells."""
    open_above = [at for at, cell in enumerate(header.cells) if not cell.strip() and _at(second, at)]
    # What is merged over both rows stands in the first, or in both.
    kept = [at for at, cell in enumerate(header.cells) if cell.strip() and _at(second, at) in ("", cell.strip())]
    words = [cell.strip().casefold() for cell in second.cells if cell.strip()]
    below = _below(records, place)
    if not open_above or not kept or len(below) < 2 or not reads_as_headers(second):
        return False
    alike, over = _against(second, below)
    # Under two groups the same word may stand twice; in a row of one person it says little.
    if len(set(words)) < len(words) and over < 2:
        return False
    opened = Record(second.line, tuple(cell if at in open_above else "" for at, cell in enumerate(second.cells)))
    return not alike and over > 0 and _against(opened, below)[1] > 0


def _heads(group: Record, header: Record) -> bool:
    """Whether a row above the headers names groups of them, rather than telling about the report."""
    names = [cell.strip().casefold() for cell in header.cells if cell.strip()]
    open_below = any(cell.strip() and not _at(header, at) for at, cell in enumerate(group.cells))
    return open_below or len(set(names)) < len(names)


def _says_again(records: Sequence[Record], place: int, header: Record) -> bool:
    """Whether the row after the headers names the columns once more, in other words: full of different words, none of
    them like the values below, two at least over values.
    """
    record = records[place]
    words = [cell.strip().casefold() for cell in record.cells if cell.strip()]
    if any(shape(cell) != "word" for cell in words) or len(set(words)) < len(words) or len(words) < header.filled:
        return False
    alike, over = _against(record, _below(records, place))
    return not alike and over >= 2 and len(_below(records, place)) >= 2


def _at(record: Record, place: int) -> str:
    return record.cells[place].strip() if place < len(record.cells) else ""


def _joined(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    """One name per column of two rows: the lower one, with its group's where several are called the same."""
    width = max(len(upper), len(lower))
    above = [upper[at].strip() if at < len(upper) else "" for at in range(width)]
    below = [lower[at].strip() if at < len(lower) else "" for at in range(width)]
    times = Counter(name.casefold() for name in below if name)
    names: list[str] = []
    group = ""
    for one, name in zip(above, below, strict=True):
        group = one or group
        names.append(one if not name else f"{group} {name}".strip() if times[name.casefold()] > 1 else name)
    return tuple(names)


def without_padding(cells: Collection[str]) -> tuple[str, ...]:
    """A row without the empty cells after its last filled one."""
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return tuple(kept)
