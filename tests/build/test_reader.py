"""What people deliver: every readable file is read whole, every unreadable one refused with what is wrong and where."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.build import layout, reader
from compliance.build.builder import workbench
from compliance.build.layout import NoData
from compliance.build.reader import Limits, Staged
from compliance.words.refusal import Refused
from tests import servers

TEXT = "Id;Namn;Ort\n1;Åsa Öberg;Malmö\n2;Bo;Å\n"


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = workbench(tmp_path)
    yield opened
    opened.close()


def file(folder: Path, content: bytes | str, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def staged(con: duckdb.DuckDBPyConnection, path: Path, fields: list[str]) -> tuple[Staged, list[tuple[object, ...]]]:
    inspection = reader.inspect(path, path.name)
    counts = reader.stage(con, inspection, 0, fields, path.parent)
    return counts, con.execute("from raw order by row_no").fetchall()


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_every_encoding_and_delimiter_reads_the_same(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, encoding: str, found: str, delimiter: str
) -> None:
    content = TEXT.replace(";", delimiter).encode(encoding)
    path = file(tmp_path, content)
    inspection = reader.inspect(path, path.name)
    assert (inspection.encoding, inspection.delimiter) == (found, delimiter)
    assert inspection.sheets[0].headers == ("Id", "Namn", "Ort")
    counts, rows = staged(con, path, ["source_key", "name", "left_out_2"])
    assert counts == Staged(2, 2, 0)
    assert rows == [(1, "1", "Åsa Öberg", "Malmö"), (2, "2", "Bo", "Å")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"   \n \n", "file_empty"),
        (b"Id;Namn\n", "file_only_headers"),
        (b";;;\n1;2;3;4\n", "file_no_headers"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "file_binary"),
        (b"Id;Namn\n1;\x00\x01\x02\n", "file_binary"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file_truncated_workbook"),
        (b"\x1f\x8b\x08" + bytes(100), "file_damaged_archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "file_packed"),
        (b"PK\x03\x04" + bytes(40), "file_truncated_workbook"),
        (b"PAR1" + bytes(40), "file_truncated_parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        reader.inspect(file(tmp_path, content), "x.csv")
    assert refused.value.code == code


def test_a_damaged_letter_is_refused_with_its_line_and_never_read_as_another_encoding(tmp_path: Path) -> None:
    lines = ["Id;Namn", *[f"{number};Åsa Öberg" for number in range(500)]]
    content = "\n".join(lines).encode()
    place = content.index("300;Åsa".encode()) + 4
    broken = content[:place] + b"\xff" + content[place + 1 :]
    with pytest.raises(Refused) as refused:
        reader.inspect(file(tmp_path, broken), "x.csv")
    assert (refused.value.code, refused.value.values["line"]) == ("file_encoding", 302)


def test_wide_letters_out_of_step_are_refused_with_their_line(tmp_path: Path) -> None:
    content = "".join(f"{number};Åsa Öberg\n" for number in range(500)).encode("utf-16")
    place = content.index("300;".encode("utf-16-le")) + 8
    with pytest.raises(Refused) as refused:
        reader.inspect(file(tmp_path, content[:place] + content[place + 1 :]), "x.csv")
    assert (refused.value.code, refused.value.values["line"]) == ("file_encoding", 301)


def test_ten_thousand_columns_are_refused(tmp_path: Path) -> None:
    header = ";".join(f"k{number}" for number in range(10_000))
    with pytest.raises(Refused) as refused:
        reader.inspect(file(tmp_path, f"{header}\n{header}\n"), "x.csv")
    assert refused.value.values["columns"] == 10_000


@pytest.mark.parametrize("newline_after", [True, False])
def test_a_line_of_a_hundred_megabytes_is_refused_without_holding_it(tmp_path: Path, newline_after: bool) -> None:
    path = tmp_path / "x.csv"
    with path.open("wb") as sink:
        sink.write(b"Id;Namn\n1;")
        for _ in range(100):
            sink.write(b"x" * 1_000_000)
        sink.write(b"\n2;Bo\n" if newline_after else b"")
    tracemalloc.start()
    with pytest.raises(Refused) as refused:
        reader.inspect(path, "x.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (refused.value.code, refused.value.values["line"]) == ("file_line_too_long", 2)
    assert peak < 60_000_000


def test_the_long_line_is_named_wherever_it_stands(tmp_path: Path) -> None:
    lines = ["Id;Namn", *["1;Bo"] * 5000, "2;" + "x" * 2000, *["3;Bo"] * 5000]
    with pytest.raises(Refused) as refused:
        reader.inspect(file(tmp_path, "\n".join(lines)), "x.csv", Limits(line_bytes=1000))
    assert refused.value.values["line"] == 5002


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sink:
            for _ in range(300):
                sink.write(bytes(10_000_000))
    assert path.stat().st_size < 5_000_000
    with pytest.raises(Refused) as refused:
        reader.inspect(path, "bomb.xlsx")
    assert refused.value.code == "file_unpacks_too_large"


def workbook(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("Id", "Namn"), *[(number, f"Namn {number}") for number in range(500)])
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(Refused) as refused:
        reader.inspect(path, "a.xlsx")
    assert refused.value.code == "file_truncated_workbook"


def test_a_workbook_under_another_name_is_still_a_workbook(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.csv", ("Id", "Namn", "Från"), (7, "Åsa", dt.date(2021, 5, 3)), (8.0, " Bo ", "2020-01-01")
    )
    counts, rows = staged(con, path, ["source_key", "name", "starts_on"])
    assert counts == Staged(2, 2, 0)
    assert rows == [(1, "7", "Åsa", "2021-05-03"), (2, "8", "Bo", "2020-01-01")]


def test_parquet_reads_as_text(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"Id": [1, 2], "Från": [dt.date(2021, 5, 3), None]}), path)
    counts, rows = staged(con, path, ["source_key", "starts_on"])
    assert counts == Staged(2, 2, 0)
    assert rows == [(1, "1", "2021-05-03"), (2, "2", None)]


def read_table(con: duckdb.DuckDBPyConnection, url: str, folder: Path) -> list[tuple[object, ...]]:
    inspection = reader.inspect_table(url, "kontakter")
    assert inspection.sheets[0].headers == ("id", "namn", "skapad")
    counts = reader.stage(con, inspection, 0, ["source_key", "name", "registered_on"], folder, url)
    assert counts == Staged(2, 2, 0)
    return con.execute("from raw order by row_no").fetchall()


def fill(url: str) -> None:
    metadata = sa.MetaData()
    table = sa.Table(
        "kontakter",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("namn", sa.String(80)),
        sa.Column("skapad", sa.Date),
    )
    engine = sa.create_engine(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            table.insert(),
            [{"id": 1, "namn": "Åsa", "skapad": dt.date(2021, 5, 3)}, {"id": 2, "namn": None, "skapad": None}],
        )
    engine.dispose()


def test_a_table_of_sqlite_is_read(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    fill(url)
    assert read_table(con, url, tmp_path) == [(1, "1", "Åsa", "2021-05-03"), (2, "2", None, None)]


def test_a_table_of_postgresql_is_read(con: duckdb.DuckDBPyConnection, tmp_path: Path, postgresql: str) -> None:
    url = servers.url(postgresql, "postgres")
    fill(url)
    assert read_table(con, url, tmp_path) == [(1, "1", "Åsa", "2021-05-03"), (2, "2", None, None)]


def test_a_database_that_does_not_answer_is_refused_without_its_address(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere' / 'secret-password.db'}"
    with pytest.raises(Refused) as refused:
        reader.inspect_table(url, "kontakter")
    assert refused.value.code == "database_unreadable"
    assert "secret" not in str(refused.value)


def test_rows_of_another_width_are_rejected_with_their_number_and_text(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    counts, rows = staged(con, file(tmp_path, "Id;Namn\n1;Bo\n2\n3;Cia;för mycket\n4;Dan\n"), ["source_key", "name"])
    assert counts == Staged(4, 2, 2)
    assert rows == [(1, "1", "Bo"), (4, "4", "Dan")]
    assert con.execute("select row_no, reason, line from reject order by 1").fetchall() == [
        (2, "wrong_columns", "2"),
        (3, "wrong_columns", "3 ; Cia ; för mycket"),
    ]


def test_a_quote_that_never_closes_is_refused_with_its_line(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = file(tmp_path, 'Id;Namn\n1;Bo\n2;"Cia\n3;Dan\n')
    with pytest.raises(Refused) as refused:
        staged(con, path, ["source_key", "name"])
    assert (refused.value.code, refused.value.values["line"]) == ("file_unclosed_quote", 3)


def test_headers_that_are_blank_or_stand_twice_get_names(tmp_path: Path) -> None:
    inspection = reader.inspect(file(tmp_path, "Id;;Namn;namn\n1;2;3;4\n"), "x.csv")
    assert inspection.sheets[0].headers == ("Id", "#2", "Namn", "namn (2)")


def test_blank_cells_are_nothing_and_spaces_around_are_dropped(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _, rows = staged(con, file(tmp_path, "Id;Namn\n 1 ;  \n2;x y\n"), ["source_key", "name"])
    assert rows == [(1, "1", None), (2, "2", "x y")]


# What a file's text is and its first record and last: delimiters are told from what only looks like one.
DELIMITED: dict[str, tuple[str, list[tuple[str, ...]]]] = {
    "semicolons, commas in quotes": (
        'Id;"Namn, hela";Text\n1;"Berg, Anna, B, C";"a, b, c, d"\n2;"Öberg, Åsa";"x, y, z"\n',
        [("Id", "Namn, hela", "Text"), ("1", "Berg, Anna, B, C", "a, b, c, d"), ("2", "Öberg, Åsa", "x, y, z")],
    ),
    "semicolons, commas outside quotes": (
        "Id;Namn\n1;a, b, c\n2;d, e, f\n",
        [("Id", "Namn"), ("1", "a, b, c"), ("2", "d, e, f")],
    ),
    "commas, semicolons in quotes": (
        'Id,"a;b;c;d;e",Text\n1,"a;b;c;d;e","f;g;h"\n2,"q;w;e",x\n',
        [("Id", "a;b;c;d;e", "Text"), ("1", "a;b;c;d;e", "f;g;h"), ("2", "q;w;e", "x")],
    ),
    "commas, everything in quotes": (
        '"När","a;b"\n"SEK, kr","1;2"\n',
        [("När", "a;b"), ("SEK, kr", "1;2")],
    ),
    "tabs, commas in text": (
        "Id\tNamn\tText\n1\tBerg, Anna, B\ta, b, c\n2\tx, y\tz; w\n",
        [("Id", "Namn", "Text"), ("1", "Berg, Anna, B", "a, b, c"), ("2", "x, y", "z; w")],
    ),
    "pipes": (
        "Id|Namn|Text\n1|Berg, Anna|a; b\n2|x, y|z\n",
        [("Id", "Namn", "Text"), ("1", "Berg, Anna", "a; b"), ("2", "x, y", "z")],
    ),
    "one column": ("E-post\na@x.example\nb@x.example\n", [("E-post",), ("a@x.example",), ("b@x.example",)]),
    "one column, commas in quotes": (
        'Namn\n"Berg, Anna"\n"Öberg; Åsa"\nBo\n',
        [("Namn",), ("Berg, Anna",), ("Öberg; Åsa",), ("Bo",)],
    ),
    "one column of decimals": ("Belopp\n1,50\n2\n", [("Belopp",), ("1,50",), ("2",)]),
    "decimal commas": (
        "Id;Belopp;Andel\n1;1,50;2,5\n2;3,25;4,75\n",
        [("Id", "Belopp", "Andel"), ("1", "1,50", "2,5"), ("2", "3,25", "4,75")],
    ),
    "decimal commas under headers with commas": (
        "Id;Belopp, SEK;Andel, %\n1;1,50;2,5\n2;3,25;4,75\n",
        [("Id", "Belopp, SEK", "Andel, %"), ("1", "1,50", "2,5"), ("2", "3,25", "4,75")],
    ),
    "quotes doubled": (
        'Id;Namn\n1;"Bo ""Bosse, B, C"" Berg"\n2;"x ""y, z, w"""\n',
        [("Id", "Namn"), ("1", 'Bo "Bosse, B, C" Berg'), ("2", 'x "y, z, w"')],
    ),
    "line breaks in quotes": (
        'Id;Text;Ort\n1;"rad ett, a\nrad, två, b\ntre, c, d";Malmö\n2;"x\ny, z";Å\n',
        [("Id", "Text", "Ort"), ("1", "rad ett, a\nrad, två, b\ntre, c, d", "Malmö"), ("2", "x\ny, z", "Å")],
    ),
    "more line breaks than lines are looked at": (
        'Id;Text\n1;"' + "a, b, c\n" * 60 + '"\n2;x\n',
        [("Id", "Text"), ("1", ("a, b, c\n" * 60).rstrip(" ")), ("2", "x")],
    ),
    "one row": ('Id;Namn\n1;"Berg, Anna, B, C"\n', [("Id", "Namn"), ("1", "Berg, Anna, B, C")]),
    "apostrophes": ("Id;Namn\n1;O'Brien, A\n2;D'Arcy, B\n", [("Id", "Namn"), ("1", "O'Brien, A"), ("2", "D'Arcy, B")]),
    "byte order mark": ('\ufeff"Id";"Namn"\n"1";"a,b,c"\n', [("Id", "Namn"), ("1", "a,b,c")]),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("kind", DELIMITED)
def test_the_delimiter_is_found(con: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, newline: str) -> None:
    content, (headers, *rows) = DELIMITED[kind]
    path = file(tmp_path, content.replace("\n", newline))
    assert reader.inspect(path, "x.csv").sheets[0].headers == headers
    fields = [f"left_out_{place}" for place in range(len(headers))]
    counts, found = staged(con, path, fields)
    assert counts == Staged(len(rows), len(rows), 0)
    assert [row[1:] for row in found] == [tuple(cell.replace("\n", newline) for cell in row) for row in rows]


@pytest.mark.parametrize("header", ["Id;Namn;Ort\n", '"Id, a, b";Namn;Ort', "Id\tNamn, hela\n", "Id|a;b\n"])
def test_a_header_alone_is_refused_as_such(tmp_path: Path, header: str) -> None:
    with pytest.raises(Refused) as refused:
        reader.inspect(file(tmp_path, header), "x.csv")
    assert refused.value.code == "file_only_headers"


def test_rows_of_another_width_do_not_hide_the_delimiter(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    text = "Id;Namn, hela;Ort\n1;Bo;x\n2\n3;Cia;y;för, mycket\n4;Dan, D;z\n"
    counts, rows = staged(con, file(tmp_path, text), ["source_key", "name", "left_out_2"])
    assert counts == Staged(4, 2, 2)
    assert [row[2] for row in rows] == ["Bo", "Dan, D"]


SPACES = "".join(chr(code) for code in range(0x3001) if unicodedata.category(chr(code)) == "Zs")
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=("Cs",)), max_size=8)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=1, max_size=12),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_no_row_of_a_messy_file_is_lost(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, rows: list[list[str]], quoting: int, newline: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", quoting=quoting, lineterminator=newline)  # type: ignore[arg-type]
    writer.writerow(["Id", "Namn", "Ort"])
    writer.writerows(rows)
    path = file(tmp_path, text.getvalue())
    lines = list(csv.reader(io.StringIO(text.getvalue(), newline=""), delimiter=";"))[1:]
    records = [record for record in lines if any(cell.strip() for cell in record)]
    if not records:
        return
    try:
        counts, good = staged(con, path, ["source_key", "name", "left_out_2"])
    except Refused as refused:
        assert refused.code in {"file_unclosed_quote", "file_only_headers", "file_binary", "file_all_misfit"}
        if refused.code == "file_all_misfit":
            # Of those that fit each is no data.
            judged = zip(lines, layout.judge_end(lines, [["Id", "Namn", "Ort"]], 0), strict=True)
            assert all(reason for record, reason in judged if _fits(record))
        return
    assert counts.rows_in == len(lines)
    told = sum(one.rows for one in counts.no_data if one.reason is not NoData.BLANK)
    assert counts.rows_staged + counts.rows_rejected + told == len(records)
    if told:
        # A generated row may say no more than a footer does.
        return
    wide = [record for record in records if _fits(record)]
    assert counts.rows_staged == len(wide)
    told = [(_seen(record[0]), *(cell.strip(f"{SPACES}\t") or None for cell in record[1:3])) for record in wide]
    assert [row[1:] for row in good] == told


def _fits(record: Sequence[str]) -> bool:
    """Whether a row has three columns: empty cells after the last are padding."""
    return len(record) >= 3 and not any(cell.strip() for cell in record[3:])


def _seen(key: str) -> str | None:
    """A key without what nobody sees in it."""
    shown = "".join(sign for sign in key if unicodedata.category(sign) != "Cf").strip(f"{SPACES}\t")
    return shown.lstrip("'").strip(f"{SPACES}\t") or None
