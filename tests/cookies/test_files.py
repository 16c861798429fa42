"""Scans are read as browsers and scanners write them; bad files are refused, and what cannot be read is counted."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from compliance.cookies import files
from compliance.cookies.files import Format, Scan, host_of, party_of
from compliance.cookies.lifetimes import SESSION, UNKNOWN, Lifetime
from compliance.cookies.tables import How, Party, Quarantined
from compliance.words.refusal import Refused
from compliance.words.texts import refusal
from compliance.words.vocabulary import LANGUAGES
from tests.cookies.made import SITE, entry, har, listed

NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
DAY = 86_400


def read(data: bytes, at: dt.datetime | None = NOW, **more: bool) -> Scan:
    return files.read(data, SITE, at, **more)


def lifetimes(scan: Scan) -> dict[str, Lifetime]:
    return {one.name: one.lifetime for one in scan.seen}


def test_a_recording_has_what_was_set_by_whom_and_for_how_long() -> None:
    scan = read(
        har(
            entry("pe1=secret; Max-Age=15465600; Domain=.bolaget.example; Path=/", "sid=secret; HttpOnly"),
            entry("IDE=secret; Max-Age=34128000", url="https://ad.elsewhere.example/pixel"),
            # What a script set is seen on its way back alone.
            entry(sent="pe1=secret; _ga=secret; sid=secret"),
        ),
        None,
    )
    assert scan.format is Format.HAR and scan.scanned_at == NOW
    assert {(one.name, one.domain, one.party, one.how) for one in scan.seen} == {
        ("pe1", "bolaget.example", Party.FIRST, How.SET),
        ("sid", SITE, Party.FIRST, How.SET),
        ("IDE", "ad.elsewhere.example", Party.THIRD, How.SET),
        ("_ga", SITE, Party.FIRST, How.SENT),
    }
    assert lifetimes(scan) == {
        "pe1": Lifetime(15465600, 15465600), "sid": SESSION, "IDE": Lifetime(34128000, 34128000), "_ga": UNKNOWN
    }  # fmt: skip
    assert "secret" not in repr(scan)


def test_a_recordings_headers_may_share_a_line_break_and_the_servers_clock_dates_its_own_end() -> None:
    scan = read(har(entry("a=1; Max-Age=0\nb=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT\nc=3; Max-Age=60")))
    # One was taken away, and the end of another had passed: neither is set.
    assert lifetimes(scan) == {"c": Lifetime(60, 60)}
    dated = entry("a=1; Expires=Fri, 21 May 2027 11:00:07 GMT", Date="Mon, 23 Nov 2026 11:00:07 GMT")
    assert lifetimes(read(har(dated))) == {"a": Lifetime(179 * DAY, 179 * DAY)}


def test_a_cookie_that_is_set_on_each_page_lives_from_the_first() -> None:
    scan = read(har(entry("a=1; Max-Age=60"), entry("a=2; Max-Age=60", at="2026-11-23T09:00:30Z")))
    assert lifetimes(scan) == {"a": Lifetime(90, 90)}


def test_what_a_browser_lists_lives_at_least_until_then() -> None:
    ends = (NOW + dt.timedelta(days=200)).timestamp()
    scan = read(
        listed([
            {"domain": ".bolaget.example", "expirationDate": ends, "hostOnly": False, "name": "_ga", "path": "/",
             "session": False, "storeId": "0", "value": "secret", "id": 1},
            {"domain": "x.example", "name": "s", "session": True, "value": "secret", "id": 2},
        ])
    )  # fmt: skip
    assert scan.format is Format.BROWSER and scan.scanned_at is None
    assert lifetimes(scan) == {"_ga": Lifetime(200 * DAY, None), "s": SESSION}
    assert [one.party for one in scan.seen] == [Party.FIRST, Party.THIRD] and "secret" not in repr(scan)
    # As a test browser saves its state: -1 is until it is closed.
    saved = listed([{"name": "a", "domain": SITE, "expires": -1}, {"name": "b", "domain": SITE, "expires": ends}], o=[])
    assert lifetimes(read(saved)) == {"a": SESSION, "b": Lifetime(200 * DAY, None)}


def test_what_a_collector_saw_lives_between_its_end_and_its_start() -> None:
    scan = read(
        listed(
            [
                {"name": "pe1", "domain": SITE, "expires": NOW.timestamp() + 100, "firstPartyStorage": True},
                {"name": "x", "domain": "t.example", "expires": -1, "session": True, "third_party": True},
            ],
            uri_ins=f"https://{SITE}", start_time="2026-11-23T08:59:00Z", end_time="2026-11-23T09:00:00Z",
        ),
        None,
    )  # fmt: skip
    assert scan.format is Format.COLLECTOR and scan.scanned_at == NOW
    assert lifetimes(scan) == {"pe1": Lifetime(100, 160), "x": SESSION}
    assert [one.party for one in scan.seen] == [Party.FIRST, Party.THIRD]
    # In the report of another, which puts them a level down.
    nested = json.dumps({"uri_ins": SITE, "reports": {"cookies": [{"name": "y", "domain": "t.example"}]}})
    assert lifetimes(read(nested.encode())) == {"y": UNKNOWN}


@pytest.mark.parametrize(
    "table",
    [
        "Cookie Name,Provider,Type,Expiry,URL\n_ga,bolaget.example,HTTP Cookie,2 years,/\nsid,x.example,,Session,/\n",
        "Cookie name;Host;Lifespan\n_ga;bolaget.example;2 years\nsid;x.example;Session\n",
        "﻿Cookie ID,Domain,Duration,Description\n_ga,.bolaget.example,2 years,\nsid,.x.example,session,\n",
        "ID,Cookie / Data Key name,Domain,Retention period\n1,_ga,bolaget.example,2 years\n2,sid,x.example,Session\n",
        "Rapport över kakor\n\nNamn\tDomän\tLivslängd\n_ga\tbolaget.example\t2 år\nsid\tx.example\tSession\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tables_of_scanners_are_read_whatever_their_columns_are_called(table: str, encoding: str) -> None:
    scan = read(table.encode(encoding))
    assert scan.format is Format.TABLE and not scan.left.rows
    assert [(one.name, one.domain, one.party) for one in scan.seen] == [
        ("_ga", "bolaget.example", Party.FIRST), ("sid", "x.example", Party.THIRD)
    ]  # fmt: skip
    assert lifetimes(scan) == {"_ga": Lifetime(730 * DAY, 731 * DAY), "sid": SESSION}


def test_what_is_copied_out_of_the_developer_tools_keeps_nothing_of_what_cookies_hold() -> None:
    table = (
        "Name\tValue\tDomain\tPath\tExpires / Max-Age\n_ga\tGA1.secret\t.bolaget.example\t/\t2027-06-11T09:00:00.000Z\n"
        "sid\tsecret\twww.bolaget.example\t/\tSession\n"
    )
    scan = read(table.encode())
    assert lifetimes(scan) == {"_ga": Lifetime(200 * DAY, None), "sid": SESSION} and "secret" not in repr(scan)


@pytest.mark.parametrize("instant", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_at_the_ends_of_the_calendar_is_read_or_is_none(instant: str) -> None:
    ends = "b=1; Expires=Fri, 31 Dec 9999 23:59:59 -1200"
    cookies = [{"name": "a", "domain": SITE, "expires": instant}, {"name": "b", "domain": SITE, "expires": "1e400"}]
    files_of_it = [
        har(entry("a=1; Max-Age=999999999", ends, at=instant)),
        listed(cookies),
        listed(cookies, uri_ins=f"https://{SITE}", start_time=instant, end_time=instant),
        f"Name\tDomain\tExpires / Max-Age\na\t{SITE}\t{instant}\n".encode(),
    ]
    for data in files_of_it:
        try:
            assert {one.name for one in read(data).seen} >= {"a"}
        except Refused as refused:
            # Of a recording that has no time at all nothing can be told.
            assert data is files_of_it[0] and refused.code == "scan_unreadable"


def test_what_of_a_file_cannot_be_read_is_counted_with_why_and_where() -> None:
    scan = read(
        b"Name,Domain,Expiry\n_ga,bolaget.example,2 years\n,x.example,1 day\n"
        b"anna@bolaget.example,x.example,1 day\n" + b"n" * 201 + b",x,1 day\n_gid,bolaget.example,a while\n"
    )
    assert [one.name for one in scan.seen] == ["_ga", "_gid"] and lifetimes(scan)["_gid"] == UNKNOWN
    assert scan.left.rows == {
        Quarantined.NO_NAME: 1, Quarantined.NAME_PERSONAL: 1, Quarantined.NAME_TOO_LONG: 1,
        Quarantined.LIFETIME_UNREADABLE: 1,
    }  # fmt: skip
    assert scan.left.first_at[Quarantined.NAME_TOO_LONG] == 4
    recorded = read(har(entry("secret"), 7, entry("a=1; Max-Age=60", at=None), entry("b=1; Expires=x")))
    assert recorded.left.rows == {
        Quarantined.NO_NAME: 1, Quarantined.NOT_A_COOKIE: 1, Quarantined.NO_TIME: 1,
        Quarantined.LIFETIME_UNREADABLE: 1,
    }  # fmt: skip
    assert "secret" not in repr(recorded)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "scan_empty"),
        (b"  \n", "scan_empty"),
        (b"PK\x03\x04\x00\x00", "scan_not_text"),
        (b'{"log": {"entries": [', "scan_json_broken"),
        (b"[" * 200_000, "scan_json_broken"),
        (b'{"log": {"entries": 3}}', "scan_har_broken"),
        (b'{"a": 1}', "scan_unknown"),
        (b"hello", "scan_unknown"),
        (b"Surname,City\nA,B\n", "scan_no_names"),
        (har(), "scan_without_cookies"),
        (har(entry()), "scan_without_cookies"),
        (listed([{"value": "x"}]), "scan_unreadable"),
        (b"Name\n" + b"".join(b"n%d\n" % number for number in range(20_001)), "scan_too_many"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_refused_in_words(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as told:
        read(data)
    assert told.value.code == code
    for language in LANGUAGES:
        assert "{" not in refusal(code, language, told.value.values)


def test_a_scan_says_when_it_was_made_or_somebody_does() -> None:
    for data in (b"Name\na\n", listed([{"name": "a"}]), har(entry(at=None))):
        with pytest.raises(Refused, match="scan_time_missing"):
            read(data, None, has_cookies=True)


def test_a_recording_without_cookies_is_one_where_somebody_says_that_they_were_saved() -> None:
    assert read(har(entry()), has_cookies=True).seen == ()


@pytest.mark.parametrize(
    ("domain", "party"),
    [
        (SITE, Party.FIRST),
        ("bolaget.example", Party.FIRST),
        ("shop.bolaget.example", Party.FIRST),
        ("notbolaget.example", Party.THIRD),
        ("example", Party.THIRD),
        ("", None),
    ],
)
def test_a_domain_is_the_sites_own_above_and_below_it(domain: str, party: Party | None) -> None:
    assert party_of(domain, SITE) is party


def test_a_site_is_told_by_its_host() -> None:
    assert host_of(" https://WWW.Bolaget.example:8443/om?x=1 ") == SITE == host_of(SITE)
    for text in ("", "bolaget", "http://[", "a b.example", "x" * 130 + ".example"):
        with pytest.raises(Refused, match="scan_site_unreadable"):
            host_of(text)
