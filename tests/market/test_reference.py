import datetime as dt
import gzip
import json
from dataclasses import replace

import pandas as pd
import pytest
from fakes.hosts import KINDS, Reply
from fakes.reference import (
    ACTIONS,
    MEMBERSHIP,
    NAME_CHANGES,
    SECURITIES,
    SUSPENSIONS,
    serve_reference,
    table,
)

from thesis.market.corporate_actions import ShareEvent
from thesis.market.industry import INDUSTRIES, industry_of
from thesis.market.listing import industries_from_rows, listings_from_rows
from thesis.market.reference import exchange_lists
from thesis.market.reference.constituents import csi300_members
from thesis.market.reference.dividends import (
    Dividends,
    cninfo_events,
    eastmoney_events,
    sina_events,
)
from thesis.market.reference.exchange_lists import listings
from thesis.market.reference.shenwan_classes import memberships, with_industries
from thesis.market.reference.st_history import name_changes, st_history
from thesis.market.reference.suspension_calendar import Run, confirm, suspensions_on
from thesis.market.sources import wire
from thesis.market.sources.failure import SourceError

LISTED = table(
    SECURITIES,
    [
        ("600519.SH", "贵州茅台", "2001-08-27", ""),
        ("900901.SH", "云赛B股", "1992-02-21", ""),
        ("688256.SH", "寒武纪", "2020-07-20", ""),
        ("000002.SZ", "万科Ａ", "1991-01-29", ""),
        ("300308.SZ", "中际旭创", "2012-04-10", ""),
        ("920002.BJ", "万达轴承", "2024-05-30", ""),
        ("920009.BJ", "甲", "2024-06-03", ""),
        ("920010.BJ", "乙", "2024-06-04", ""),
        ("600811.SH", "东方集团", "1994-01-06", "2025-04-28"),
        ("000005.SZ", "ST星源", "1990-12-10", "2024-04-26"),
        ("200512.SZ", "闽灿坤B", "1993-06-30", "2023-01-01"),
    ],
)
HOSTS = {
    "sse": r"query\.sse\.com\.cn",
    "szse": r"www\.szse\.cn",
    "bse": r"www\.bse\.cn",
    "shenwan": r"www\.swsresearch\.com",
    "eastmoney": r"datacenter-web\.eastmoney\.com",
    "sina": r"vip\.stock\.finance\.sina\.com\.cn",
    "cninfo": r"webapi\.cninfo\.com\.cn",
}


@pytest.fixture(autouse=True)
def _fast_and_forgetful(monkeypatch):
    """No waits between calls to this machine, and nothing left in akshare's caches."""
    import akshare as ak

    monkeypatch.setattr(wire, "PACE", 0.0)
    for kept in (
        ak.stock_info_sh_name_code,
        ak.stock_info_sz_name_code,
        ak.stock_info_bj_name_code,
    ):
        kept.cache_clear()


def day(text):
    return dt.date.fromisoformat(text)


# -- listings ----------------------------------------------------------------------------------


def test_every_a_share_of_three_exchanges_is_listed_once(hosts):
    serve_reference(hosts, securities=LISTED)

    found = listings()

    assert () == found.failures
    assert [
        ("000002.SZ", "万科Ａ", "main", "1991-01-29", ""),
        ("000005.SZ", "ST星源", "main", "1990-12-10", "2024-04-26"),
        ("300308.SZ", "中际旭创", "chinext", "2012-04-10", ""),
        ("600519.SH", "贵州茅台", "main", "2001-08-27", ""),
        ("600811.SH", "东方集团", "main", "1994-01-06", "2025-04-28"),
        ("688256.SH", "寒武纪", "star", "2020-07-20", ""),
        ("920002.BJ", "万达轴承", "bse", "2024-05-30", ""),
        ("920009.BJ", "甲", "bse", "2024-06-03", ""),
        ("920010.BJ", "乙", "bse", "2024-06-04", ""),
    ] == [tuple(row.values())[:5] for row in found.rows]
    assert {exchange_lists.COLUMNS} == {tuple(row) for row in found.rows}
    assert day("2024-04-26") == listings_from_rows(found.rows, "x")["000005.SZ"].delist_date


def test_a_long_list_of_shenzhen_is_read_like_a_short_one(hosts):
    """akshare picks columns of lists longer than ten rows."""
    many = table(
        SECURITIES, [(f"00{n:04d}.SZ", f"名称{n}", "2020-01-02", "") for n in range(1, 41)]
    )
    serve_reference(hosts, securities=pd.concat([many, LISTED]))

    rows = {row["code"]: row for row in listings().rows}

    assert 49 - 2 == len(rows)  # 000002 and 000005 stand in both
    assert ("名称40", "2020-01-02") == (rows["000040.SZ"]["name"], rows["000040.SZ"]["list_date"])


def test_a_code_listed_again_is_the_later_listing(hosts):
    again = table(
        SECURITIES,
        [
            ("600087.SH", "长油旧", "1997-06-12", "2014-06-05"),
            ("600087.SH", "长油新", "2019-01-08", ""),
        ],
    )
    serve_reference(hosts, securities=pd.concat([again, LISTED]))

    (row,) = [row for row in listings().rows if row["code"] == "600087.SH"]

    assert ("长油新", "") == (row["name"], row["delist_date"])


def test_an_exchange_that_fails_leaves_the_others(hosts):
    serve_reference(hosts, securities=LISTED)
    hosts.fail(HOSTS["sse"], "banned")

    found = listings()

    assert {"000002.SZ", "000005.SZ", "300308.SZ", "920002.BJ", "920009.BJ", "920010.BJ"} == {
        row["code"] for row in found.rows
    }
    # Asked once: its other lists are not asked for after a ban.
    assert [("banned", "sse", "main board")] == [(f.kind, f.source, f.code) for f in found.failures]
    assert 1 == hosts.count(HOSTS["sse"])


@pytest.mark.parametrize("exchange", ["sse", "szse", "bse"])
def test_a_list_in_a_new_form_is_not_guessed_at(hosts, exchange):
    serve_reference(hosts, securities=LISTED, changed=[exchange])

    failures = listings().failures

    assert {("changed_format", exchange)} == {(f.kind, f.source) for f in failures}


def test_a_list_is_asked_for_again_in_the_same_process(hosts):
    serve_reference(hosts, securities=LISTED)
    before = len(listings().rows)
    one_more = table(SECURITIES, [("688041.SH", "海光信息", "2022-08-12", "")])
    serve_reference(hosts, securities=pd.concat([LISTED, one_more]))

    assert before + 1 == len(listings().rows)


def test_no_bar_of_akshares_is_drawn(hosts, capsys):
    serve_reference(hosts, securities=LISTED, actions=PAID)

    listings()
    eastmoney_events("300308.SZ")

    assert ("", "") == capsys.readouterr()


# -- industries --------------------------------------------------------------------------------

CLASSES = table(
    MEMBERSHIP,
    [
        ("300308.SZ", "2012-03-26", "640102", "2015-10-27"),
        ("300308.SZ", "2021-07-30", "730204", "2021-07-31"),
        ("300308.SZ", "2018-07-13", "730102", "2021-03-03"),
        ("000002.SZ", "1991-01-29", "210202", "2015-10-27"),
        ("000002.SZ", "2014-01-01", "430101", "2015-10-27"),
        ("688256.SH", "2020-07-20", "270104", "2020-07-20"),
    ],
)


def test_a_membership_ends_where_the_next_begins(hosts):
    serve_reference(hosts, membership=CLASSES)

    rows = memberships()

    assert [
        ("000002.SZ", "1991-01-29", "2014-01-01", "210202", "", "", "2015-10-27"),
        ("000002.SZ", "2014-01-01", "", "430101", "801180.SI", "房地产", "2015-10-27"),
        ("300308.SZ", "2012-03-26", "2018-07-13", "640102", "801890.SI", "机械设备", "2015-10-27"),
        ("300308.SZ", "2018-07-13", "2021-07-30", "730102", "801770.SI", "通信", "2021-03-03"),
        ("300308.SZ", "2021-07-30", "", "730204", "801770.SI", "通信", "2021-07-31"),
        ("688256.SH", "2020-07-20", "", "270104", "801080.SI", "电子", "2020-07-20"),
    ] == [tuple(row.values()) for row in rows]


def test_listings_get_the_industry_of_a_day(hosts):
    serve_reference(hosts, securities=LISTED, membership=CLASSES)
    asked = day("2026-11-22")

    filled = with_industries(listings().rows, memberships(), day("2018-07-12"), asked)

    known = {row["code"]: (row["sw_l1_code"], row["sw_l1_name"], row["sw_as_of"]) for row in filled}
    assert ("801890.SI", "机械设备", "2018-07-12 (file of 2026-11-22)") == known["300308.SZ"]
    assert ("", "", "") == known["688256.SH"]
    later = with_industries(listings().rows, memberships(), day("2018-07-13"), asked)
    assert "801770.SI" == next(r["sw_l1_code"] for r in later if r["code"] == "300308.SZ")


def test_shenwans_file_in_a_new_form_is_not_guessed_at(hosts):
    serve_reference(hosts, membership=CLASSES, changed=["shenwan"])

    with pytest.raises(SourceError, match="no column industry_code"):
        memberships()


def test_other_pages_of_shenwan_are_left_to_their_own_fake(hosts):
    import requests

    serve_reference(hosts, shenwan=lambda asked: Reply(f"trend {asked.path}"))

    got = requests.get(
        "https://www.swsresearch.com/institute-sw/api/index_publish/trend/", timeout=5
    )

    assert "trend /institute-sw/api/index_publish/trend/" == got.text


@pytest.fixture(scope="module")
def real_classes(market):
    with gzip.open(market / "sw_membership.csv.gz", "rt", encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


def test_every_real_classification_has_its_index(real_classes):
    """25,020 rows; the level 1 codes in the file come from elsewhere."""
    found = [industry_of(code) for code in real_classes["sw_l3_internal"]]

    assert real_classes["sw_l1_code"].tolist() == [x.code if x else "" for x in found]
    assert real_classes["sw_l1_name"].tolist() == [x.name_zh if x else "" for x in found]
    assert {x.code for x in INDUSTRIES} == set(real_classes["sw_l1_code"]) - {""}


def test_real_memberships_come_out_with_their_days(hosts, real_classes):
    edition = real_classes[real_classes["vintage"] == "2024-08-31"]
    wanted = edition[edition["code"].str.match(r"(?:3003|6005|688|000|43|83)")]
    wanted = wanted.sort_values(["code", "in_date"])
    serve_reference(hosts, membership=wanted.rename(columns={"sw_l3_internal": "sw_code"}))

    rows = pd.DataFrame(memberships())

    columns = ["code", "in_date", "out_date", "sw_l3_internal", "sw_l1_code", "updated"]
    expected = wanted[columns].to_numpy().tolist()
    assert 1000 < len(expected)
    assert expected == rows[[c.replace("l3_internal", "code") for c in columns]].to_numpy().tolist()


def test_real_industries_on_a_day_are_those_of_the_listings(market, real_classes):
    """As ``securities.csv`` states them for 2024-10-08, from the same edition."""
    edition = real_classes[real_classes["vintage"] == "2024-08-31"]
    histories = industries_from_rows(edition.to_dict("records"), "classes")
    securities = pd.read_csv(market / "securities.csv", dtype=str, keep_default_na=False)
    stated = securities[securities["sw_as_of"].eq("2024-10-08 (vintage 2024-08-31)")]
    bare = listings_from_rows(({"code": code} for code in stated["code"]), "x")

    found = {
        code: replace(listing, industries=histories.get(code, ())).industry_on(day("2024-10-08"))
        for code, listing in bare.items()
    }

    assert 5000 < len(found)
    assert dict(zip(stated["code"], stated["sw_l1_code"], strict=True)) == found


# -- special treatment -------------------------------------------------------------------------

RENAMED = table(
    NAME_CHANGES,
    [
        ("000002.SZ", "1995-03-01", "深万科A", "万科Ａ"),
        ("000005.SZ", "2022-05-05", "世纪星源", "*ST星源"),
        ("000005.SZ", "2023-06-20", "*ST星源", "ST星源"),
        ("000007.SZ", "2020-01-03", "ST零七", "*ST全新"),
        ("000007.SZ", "2021-06-02", "*ST全新", "全新好"),
        ("000008.SZ", "2024-05-06", "神州", "*ＳＴ神州"),
        ("200512.SZ", "2020-01-01", "闽灿坤B", "ST灿坤B"),
    ],
)
SHENZHEN = [
    {"code": "000002.SZ", "name": "万科Ａ", "list_date": "1991-01-29", "delist_date": ""},
    {"code": "000005.SZ", "name": "ST星源", "list_date": "1990-12-10", "delist_date": "2024-04-26"},
    {"code": "000007.SZ", "name": "全新好", "list_date": "1992-04-13", "delist_date": ""},
    {"code": "000008.SZ", "name": "*ST神州", "list_date": "1992-05-07", "delist_date": ""},
    {"code": "000009.SZ", "name": "中国宝安", "list_date": "1991-06-25", "delist_date": ""},
    {"code": "000010.SZ", "name": "*ST美丽", "list_date": "1995-10-27", "delist_date": ""},
    {"code": "600519.SH", "name": "贵州茅台", "list_date": "2001-08-27", "delist_date": ""},
]


def test_special_treatment_follows_from_dated_names(hosts):
    serve_reference(hosts, name_changes=RENAMED)

    history, _ = st_history(name_changes(), SHENZHEN, day("2026-11-22"))

    assert [
        ("000005.SZ", "2022-05-05", "2023-06-19", "*ST"),
        ("000005.SZ", "2023-06-20", "2024-04-26", "ST"),
        ("000007.SZ", "1995-03-01", "2020-01-02", "ST"),
        ("000007.SZ", "2020-01-03", "2021-06-01", "*ST"),
        ("000008.SZ", "2024-05-06", "", "*ST"),
    ] == [tuple(row.values())[:4] for row in history]


def test_only_shenzhen_names_whose_changes_are_whole_are_covered(hosts):
    """000010 is ST by name without a change that says since when; Shanghai has no dated source."""
    serve_reference(hosts, name_changes=RENAMED)

    _, coverage = st_history(name_changes(), SHENZHEN, day("2026-11-22"))

    assert [
        ("000002.SZ", "1995-03-01", "2026-11-22"),
        ("000005.SZ", "1995-03-01", "2024-04-26"),
        ("000007.SZ", "1995-03-01", "2026-11-22"),
        ("000008.SZ", "1995-03-01", "2026-11-22"),
        ("000009.SZ", "1995-03-01", "2026-11-22"),
    ] == [tuple(row.values())[:3] for row in coverage]


def test_a_delisting_period_is_a_state_of_its_own(hosts):
    renamed = table(
        NAME_CHANGES,
        [
            ("000018.SZ", "2018-05-03", "神城A", "ST神城"),
            ("000018.SZ", "2019-11-19", "ST神城", "神城A退"),
        ],
    )
    serve_reference(hosts, name_changes=renamed)
    listing = {"code": "000018.SZ", "name": "神城A退", "list_date": "1992-06-16"}

    history, _ = st_history(
        name_changes(), [{**listing, "delist_date": "2020-01-07"}], day("2026-11-22")
    )

    assert [("2018-05-03", "2019-11-18", "ST"), ("2019-11-19", "2020-01-07", "delisting")] == [
        (row["start"], row["end"], row["kind"]) for row in history
    ]


def test_name_changes_in_a_new_form_are_not_guessed_at(hosts):
    serve_reference(hosts, name_changes=RENAMED, changed=["szse"])

    with pytest.raises(SourceError) as failure:
        name_changes()

    assert ("changed_format", "szse") == (failure.value.kind, failure.value.source)


# -- suspensions -------------------------------------------------------------------------------

STOPS = table(
    SUSPENSIONS,
    [
        ("002739.SZ", "2023-12-06", "2023-12-12", "连续停牌", "拟筹划重大资产重组"),
        ("688041.SH", "2025-05-26", "", "连续停牌", "拟筹划重大资产重组"),
        ("000004.SZ", "2023-12-07", "2023-12-07", "停牌1小时", "交易异常"),
        ("000007.SZ", "2023-12-08", "2023-12-08", "停牌一天", "刊登公告"),
        ("161226.SZ", "2023-12-06", "2023-12-06", "停牌一天", "基金"),
    ],
)


def test_the_list_of_a_day_holds_what_was_suspended_that_day(hosts):
    """The host's list holds the 8th's already on the 6th, halts of hours, and funds."""
    serve_reference(hosts, suspensions=STOPS)

    (row,) = suspensions_on(day("2023-12-06"))

    assert ("002739.SZ", "2023-12-06", "2023-12-12", "拟筹划重大资产重组", "eastmoney") == tuple(
        row.values()
    )
    assert {"002739.SZ", "000007.SZ"} == {r["code"] for r in suspensions_on(day("2023-12-08"))}
    assert ["002739.SZ"] == [r["code"] for r in suspensions_on(day("2023-12-12"))]
    assert [] == suspensions_on(day("2023-12-13"))


def test_a_day_without_a_suspension_is_an_answer(hosts):
    serve_reference(hosts)

    assert [] == suspensions_on(day("2023-12-06"))


def test_suspensions_in_a_new_form_are_not_guessed_at(hosts):
    serve_reference(hosts, suspensions=STOPS, changed=["datacenter"])

    with pytest.raises(SourceError) as failure:
        suspensions_on(day("2023-12-06"))

    assert "changed_format" == failure.value.kind


def run(code, start, end):
    return Run(code, day(start), day(end))


def test_missing_bars_are_confirmed_by_the_fewest_days(hosts):
    serve_reference(hosts, suspensions=STOPS)
    closed = run("002739.SZ", "2023-12-06", "2023-12-12")
    part = run("002739.SZ", "2023-12-11", "2023-12-12")
    open_ended = run("688041.SH", "2025-05-26", "2025-06-09")
    longer = run("000007.SZ", "2023-12-08", "2023-12-11")
    hours = run("000004.SZ", "2023-12-07", "2023-12-07")
    hole = run("300308.SZ", "2023-12-06", "2023-12-06")

    told = confirm([closed, part, open_ended, longer, hours, hole])

    assert {closed, part, open_ended} == set(told.suspended)
    assert {longer, hours, hole} == set(told.unexplained)
    assert () == told.not_asked
    assert ["2023-12-06", "2023-12-07", "2023-12-08", "2023-12-11", "2025-05-26", "2025-06-09"] == [
        str(asked) for asked in told.days
    ]
    assert {"002739.SZ", "000007.SZ", "688041.SH"} == {row["code"] for row in told.rows}


def test_what_cannot_be_asked_is_said_to_be_unknown(hosts):
    serve_reference(hosts, suspensions=STOPS)
    first, later = (
        run("002739.SZ", "2023-12-06", "2023-12-12"),
        run("688041.SH", "2025-05-26", "2025-05-27"),
    )
    hosts.fail(HOSTS["eastmoney"], "banned")
    again = run("688702.SH", "2025-05-26", "2025-05-26")

    told = confirm([first, later, again])

    assert (first, later, again) == told.not_asked
    assert "banned" == told.failure.kind
    assert () == told.suspended == told.unexplained


def test_a_refusal_is_not_repeated_for_every_run(hosts):
    serve_reference(hosts, suspensions=STOPS)
    hosts.fail(HOSTS["eastmoney"], "banned")

    confirm([run("002739.SZ", f"2023-12-{n:02d}", f"2023-12-{n:02d}") for n in (6, 7, 8)])

    assert 1 == hosts.count(HOSTS["eastmoney"])


# -- dividends ---------------------------------------------------------------------------------

PAID = table(
    ACTIONS,
    [
        ("300308.SZ", "2024-06-06", 4.5, 0, 4, "实施分配"),
        ("300308.SZ", "2023-06-06", 2.0, 1, 2, "实施分配"),
        ("300308.SZ", "2022-05-26", 2.2, 0, 0, "实施分配"),
        ("300308.SZ", None, 5.0, 0, 0, "董事会预案"),
        ("300308.SZ", None, 0, 0, 0, "不分配"),
        ("600519.SH", "2024-06-19", 308.76, 0, 0, "实施分配"),
    ],
)
PAID_300308 = (
    ShareEvent(dt.date(2022, 5, 26), 0.22),
    ShareEvent(dt.date(2023, 6, 6), 0.2, 0.3),
    ShareEvent(dt.date(2024, 6, 6), 0.45, 0.4),
)


@pytest.mark.parametrize("asker", [eastmoney_events, sina_events, cninfo_events])
def test_each_host_gives_what_was_paid_per_share(hosts, asker):
    serve_reference(hosts, actions=PAID)

    assert PAID_300308 == asker("300308.SZ")
    assert (ShareEvent(dt.date(2024, 6, 19), 30.876),) == asker("600519.SH")


@pytest.mark.parametrize("asker", [eastmoney_events, sina_events, cninfo_events])
def test_a_stock_that_never_paid_has_no_events(hosts, asker):
    serve_reference(hosts, actions=PAID)

    assert () == asker("688256.SH")


@pytest.mark.parametrize(
    ("name", "asker"),
    [("datacenter", eastmoney_events), ("sina", sina_events), ("cninfo", cninfo_events)],
)
def test_dividends_in_a_new_form_are_not_guessed_at(hosts, name, asker):
    serve_reference(hosts, actions=PAID, changed=[name])

    with pytest.raises(SourceError) as failure:
        asker("300308.SZ")

    assert "changed_format" == failure.value.kind


def test_columns_that_change_their_places_are_noticed(hosts):
    """akshare names Eastmoney's columns by place: swapped ones would pass for others."""
    serve_reference(hosts, actions=PAID)
    answer = hosts.handlers[[p for p, _ in hosts.handlers].index(HOSTS["eastmoney"])][1]

    def swapped(asked):
        body = json.loads(answer(asked).body)
        for row in body["result"]["data"]:
            row["f05"], row["f08"] = row["f08"], row["f05"]
        return Reply(json.dumps(body), content_type="application/json")

    hosts.serve(HOSTS["eastmoney"], swapped)

    with pytest.raises(SourceError, match="do not add up"):
        eastmoney_events("300308.SZ")


def test_the_next_host_is_asked_and_the_one_that_failed_is_left_alone(hosts):
    serve_reference(hosts, actions=PAID)
    hosts.fail(HOSTS["eastmoney"], "banned")
    dividends = Dividends()

    assert PAID_300308 == dividends("300308.SZ")
    assert 1 == len(dividends("600519.SH"))
    assert 1 == hosts.count(HOSTS["eastmoney"])


def test_a_form_that_changed_for_one_code_does_not_rest_the_host(hosts):
    serve_reference(hosts, actions=PAID, changed=["datacenter"])
    dividends = Dividends()

    assert PAID_300308 == dividends("300308.SZ")
    serve_reference(hosts, actions=PAID)
    asked = hosts.count(HOSTS["sina"])
    assert 1 == len(dividends("600519.SH"))
    assert asked == hosts.count(HOSTS["sina"])


def test_where_no_host_answers_each_says_why(hosts):
    serve_reference(hosts, actions=PAID)
    hosts.fail(HOSTS["eastmoney"], "banned")
    hosts.fail(HOSTS["sina"], "captcha")
    hosts.fail(HOSTS["cninfo"], "too_many_requests")

    with pytest.raises(SourceError) as failure:
        Dividends()("300308.SZ")

    assert "banned" == failure.value.kind
    assert ["captcha", "too many requests"] == [
        next(word for word in ("captcha", "too many requests") if word in note)
        for note in failure.value.__notes__
    ]


# -- failures ----------------------------------------------------------------------------------

#: Whom each is asked of, how, and the faults it is tried on.
ASKED = {
    "industries": ("shenwan", memberships, ("captcha", "banned", "bad_gateway")),
    "suspensions": (
        "eastmoney",
        lambda: suspensions_on(day("2023-12-06")),
        ("captcha", "closed_socket", "empty_body"),
    ),
    **{
        f"dividends of {source}": (
            source,
            lambda asker=asker: asker("300308.SZ"),
            ("captcha", "too_many_requests"),
        )
        for source, asker in (
            ("eastmoney", eastmoney_events),
            ("sina", sina_events),
            ("cninfo", cninfo_events),
        )
    },
}


@pytest.mark.parametrize(
    ("what", "fault"), [(what, fault) for what, (_, _, faults) in ASKED.items() for fault in faults]
)
def test_each_failure_of_a_host_has_its_kind(hosts, what, fault):
    source, ask, _ = ASKED[what]
    serve_reference(hosts, membership=CLASSES, suspensions=STOPS, actions=PAID)
    hosts.fail(HOSTS[source], fault)

    with pytest.raises(SourceError) as failure:
        ask()

    assert (KINDS[fault], source) == (failure.value.kind, failure.value.source)


# -- constituents ------------------------------------------------------------------------------


def test_memberships_of_the_csi_300_are_the_known_ones(market):
    known = pd.read_csv(market / "csi300_constituents.csv", dtype=str, keep_default_na=False)

    rows = pd.DataFrame(csi300_members())

    by = ["code", "start"]
    expected = known.sort_values(by)[["code", "start", "end"]].to_numpy().tolist()
    assert expected == rows.sort_values(by)[["code", "start", "end"]].to_numpy().tolist()


def test_the_csi_300_has_300_members_from_mid_2017_on():
    """Before, one exit is missing (301 members, 2006-08-12 to 2014-12), and one day has 299."""
    rows = pd.DataFrame(csi300_members())
    start, end = rows["start"].to_numpy(), rows["end"].replace("", "9999").to_numpy()
    turns = sorted({text for text in (*start, *rows["end"]) if text})

    counts = {turn: int(((start <= turn) & (turn < end)).sum()) for turn in turns}

    assert {300} == {n for turn, n in counts.items() if turn > "2017-06"}
    assert {299, 300, 301} == set(counts.values())


def test_members_of_the_csi_300_carry_the_published_weights(market):
    """On 182 month ends from 2016; two mergers' substitutes differ by days on three of them."""
    rows = pd.DataFrame(csi300_members())
    start, end = rows["start"].to_numpy(), rows["end"].replace("", "9999").to_numpy()
    weights = pd.read_parquet(market / "csi300_weights.parquet")
    weights = weights.assign(day=weights["date"].astype(str).str[:10])
    apart = {}
    for when, month in weights[weights["day"] >= "2016"].groupby("day"):
        members = set(rows["code"][(start <= when) & (when < end)])
        if difference := members ^ set(month["code"]):
            apart[when] = difference

    assert {
        "2025-03-03": {"600837.SH", "601058.SH"},
        "2025-08-29": {"601989.SH", "601298.SH"},
        "2025-09-01": {"601989.SH", "601298.SH"},
    } == apart
