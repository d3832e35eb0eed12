import datetime as dt
import re

import pytest

from thesis.research.catalog import Catalog, bundled_folder

MEDIA, COMMUNICATIONS = "801760.SI", "801770.SI"
COMPUTER, ELECTRONICS = "801750.SI", "801080.SI"

# The table of theses, written out by hand:
# id, kind, sector index, then a segment a line: id, status, [(code, name, basis)].
TABLE = {
    "media_ai": (
        "call",
        MEDIA,
        [
            (
                "ai_tools",
                None,
                [
                    ("300133.SZ", "华策影视", "named"),
                    ("300364.SZ", "中文在线", "named"),
                    ("300182.SZ", "捷成股份", "named"),
                    ("300315.SZ", "掌趣科技", "named"),
                ],
            ),
            (
                "ip_holders",
                None,
                [("601595.SH", "上海电影", "named"), ("300364.SZ", "中文在线", "named")],
            ),
            (
                "copyright",
                None,
                [
                    ("300133.SZ", "华策影视", "named"),
                    ("000681.SZ", "视觉中国", "named"),
                    ("300182.SZ", "捷成股份", "named"),
                    ("000156.SZ", "华数传媒", "named"),
                ],
            ),
            ("tool_users", "no_names", []),
            ("hit_tools", "no_names", []),
        ],
    ),
    "media_value": (
        "call",
        MEDIA,
        [
            (
                "games",
                None,
                [("300002.SZ", "神州泰岳", "named"), ("002517.SZ", "恺英网络", "named")],
            ),
            (
                "film",
                None,
                [("002739.SZ", "万达电影", "named"), ("300251.SZ", "光线传媒", "named")],
            ),
            ("advertising", None, [("002027.SZ", "分众传媒", "named")]),
        ],
    ),
    "optical_module": (
        "call",
        COMMUNICATIONS,
        [
            (
                "leaders",
                None,
                [
                    ("300308.SZ", "中际旭创", "inferred"),
                    ("300502.SZ", "新易盛", "inferred"),
                    ("300394.SZ", "天孚通信", "inferred"),
                ],
            ),
            ("optical_chips", "no_names", []),
            ("lpo_silicon_photonics", "no_names", []),
        ],
    ),
    "switch": (
        "call",
        COMMUNICATIONS,
        [
            ("switch_chip", None, [("688702.SH", "盛科通信", "named")]),
            (
                "switch_vendors",
                None,
                [
                    ("301165.SZ", "锐捷网络", "hand_picked"),
                    ("000938.SZ", "紫光股份", "hand_picked"),
                    ("000063.SZ", "中兴通讯", "hand_picked"),
                ],
            ),
        ],
    ),
    "ai_chip": (
        "call",
        COMMUNICATIONS,
        [
            (
                "ai_chip",
                None,
                [
                    ("688256.SH", "寒武纪", "named"),
                    ("300474.SZ", "景嘉微", "named"),
                    ("688047.SH", "龙芯中科", "named"),
                    ("688041.SH", "海光信息", "named"),
                ],
            )
        ],
    ),
    "liquid_cooling": (
        "call",
        COMMUNICATIONS,
        [
            (
                "liquid_cooling",
                None,
                [
                    ("002837.SZ", "英维克", "hand_picked"),
                    ("300499.SZ", "高澜股份", "hand_picked"),
                    ("301018.SZ", "申菱环境", "hand_picked"),
                ],
            )
        ],
    ),
    "server": (
        "call",
        COMMUNICATIONS,
        [
            (
                "server",
                None,
                [
                    ("000977.SZ", "浪潮信息", "mentioned"),
                    ("603019.SH", "中科曙光", "inferred"),
                    ("601138.SH", "工业富联", "hand_picked"),
                ],
            ),
            ("huawei_chain", "no_names", []),
        ],
    ),
    "connector": (
        "call",
        COMMUNICATIONS,
        [("connector", None, [("688629.SH", "华丰科技", "mentioned")])],
    ),
    "operators": (
        "call",
        COMMUNICATIONS,
        [
            (
                "operators",
                None,
                [
                    ("600941.SH", "中国移动", "named"),
                    ("601728.SH", "中国电信", "named"),
                    ("600050.SH", "中国联通", "named"),
                ],
            )
        ],
    ),
    "computer": ("sector_call", COMPUTER, []),
    "electronics": (
        "sector_call",
        ELECTRONICS,
        [("ai_pcb", "no_names", []), ("optical_module", "no_names", [])],
    ),
}

# What the report says, passage by passage.
REPORT = [
    (
        "AI 工具相关：华策影视、中文在线、捷成股份、掌趣科技；IP 方：上海电影、中文在线；"
        "版权方：华策影视、视觉中国、捷成股份、华数传媒"
    ),
    "游戏板块业绩较强的标的",
    "25 年春节档",
    "顺周期的广告板块龙头",
    "神州泰岳、恺英网络；万达电影、光线传媒；分众传媒",
    "国内 AI 芯片以寒武纪思元系列、华为昇腾系列等为代表",
    (
        "其余代表企业包括百度昆仑芯、景嘉微、龙芯中科、海光信息、壁仞科技、沐曦、天数智芯、登临科技、"
        "摩尔线程等"
    ),
    "建议关注以盛科通信为代表的国产高端交换芯片放量情况",
    "根据华丰科技，高速线模组产品",
    "价值量占 AI 服务器价值量的 3%-5%",
    "中国电信、中国移动、中国联通智能算力规模分别达 21EFlops、19.6EFlops 和 10EFlops",
    "建议重点关注",
    "当前龙头三家光模块公司估值水平相对较低，未来两年业绩预计将继续维持高增",
    "建议关注数据中心/服务器液冷冷供应商",
    "英伟达下一代 GB200 系列服务器预计明年量产，利好国内代工企业",
]

# Companies the report names that could not be bought as A-shares on 2024-10-14.
UNLISTED = {
    "华为昇腾": ("private", None, None),
    "百度昆仑芯": ("unit_of_listed_parent", None, None),
    "壁仞科技": ("private", None, None),
    "沐曦": ("listed_later", "688802.SH", dt.date(2025, 12, 17)),
    "天数智芯": ("private", None, None),
    "登临科技": ("private", None, None),
    "摩尔线程": ("listed_later", "688795.SH", dt.date(2025, 12, 5)),
}


def bundled(name):
    return Catalog.default().load(str(bundled_folder() / f"{name}.toml"))


def plain(text):
    return re.sub(r"\s", "", text)


every_thesis = pytest.mark.parametrize("name", TABLE)


def test_the_bundled_theses_are_the_eleven_of_the_table():
    assert set(TABLE) == {path.stem for path in bundled_folder().glob("*.toml")}


@every_thesis
def test_segments_names_and_bases_are_those_of_the_table(name):
    kind, sector_index, segments = TABLE[name]

    thesis = bundled(name)

    assert name == thesis.id
    assert (kind, sector_index) == (thesis.kind, thesis.claim.sector_index)
    assert segments == [
        (s.id, s.status, [(p.code, p.name, p.basis) for p in s.pick]) for s in thesis.segment
    ]


@every_thesis
def test_source_and_claim_are_those_of_the_report(name):
    thesis = bundled(name)

    assert "Sinolink Securities" == thesis.source.publisher
    assert "国金证券" == thesis.source.publisher_zh
    assert "多款 AI 视频工具发布，看好技术发展带来的产业机会" == thesis.source.report
    assert dt.date(2024, 10, 13) == thesis.source.published
    assert type(thesis.source.published) is dt.date
    assert (
        "inferred: the latest dated fact is the 2024-10-11 close" == thesis.source.published_basis
    )
    assert thesis.published_is_inferred
    assert ("buy", "sinolink_industry") == (thesis.claim.rating, thesis.claim.scale)
    assert "买入（维持评级）, 信息技术产业" == thesis.claim.rating_printed
    assert (
        "inferred: the index of the report's chapter that makes the call"
        == thesis.claim.sector_basis
    )
    assert (MEDIA, COMMUNICATIONS, COMPUTER, ELECTRONICS) == thesis.claim.report_sectors
    assert (
        "底层大模型迭代发展不及预期",
        "算力不足的风险",
        "国际关系风险",
        "监管风险",
    ) == thesis.claim.risks


@every_thesis
def test_every_thesis_is_told_in_both_languages(name):
    thesis = bundled(name)

    assert thesis.title.isascii()
    assert re.search(r"[\u4e00-\u9fff]", thesis.title_zh)
    assert 80 < len(thesis.claim.thesis) < 400
    assert "\n" not in thesis.claim.thesis
    assert all(segment.name and segment.name_zh for segment in thesis.segment)


@every_thesis
def test_every_quote_stands_in_the_report(name):
    passages = [plain(passage) for passage in REPORT]
    thesis = bundled(name)
    quotes = [s.quote for s in thesis.segment] + [pick.quote for pick in thesis.picks]

    fragments = [plain(part) for quote in quotes if quote for part in quote.split("…")]

    assert [] == [f for f in fragments if not any(f in passage for passage in passages)]
    assert "" not in fragments


@every_thesis
def test_every_number_of_the_paragraph_stands_in_the_report(name):
    bands = "预期未来 3-6 个月内该行业上涨幅度超过大盘在 15%以上"
    printed = set(re.findall(r"\d+(?:\.\d+)?", "".join([*REPORT, bands]))) | {"2025"}

    assert set(re.findall(r"\d+(?:\.\d+)?", bundled(name).claim.thesis)) <= printed


def test_a_named_or_mentioned_company_stands_in_its_own_quote():
    without = [
        pick.name
        for name in TABLE
        for pick in bundled(name).picks
        if pick.basis in {"named", "mentioned"} and pick.name not in pick.quote
    ]

    # No words around this name are on record; its reason says what the report does.
    assert ["浪潮信息"] == without
    assert "the report prints the name without recommending it" == bundled("server").picks[0].reason


@pytest.mark.parametrize(
    ("name", "count", "industry"), [("optical_module", 3, "730204"), ("server", 2, "710103")]
)
def test_an_inferred_pick_states_the_whole_rule(name, count, industry):
    rules = {pick.rule for pick in bundled(name).picks if pick.basis == "inferred"}

    assert 1 == len(rules)
    assert rules.pop().startswith(
        f"the first {count} by median daily amount over the 60 sessions ended 2024-09-23 in SW "
        f"level-3 code {industry} (vintage 2024-08-31), listed at least 120 sessions, not ST"
    )


def test_a_hand_picked_name_says_that_it_was_chosen_for_the_file():
    reasons = [
        pick.reason for name in TABLE for pick in bundled(name).picks if pick.basis == "hand_picked"
    ]

    assert 7 == len(reasons)
    assert all(reason.startswith("chosen for this file") for reason in reasons)


def test_the_companies_that_could_not_be_bought_are_listed_with_the_reason():
    found = {
        company.name: (company.reason, company.code, company.listed)
        for name in TABLE
        for segment in bundled(name).segment
        for company in segment.unlisted
    }

    assert UNLISTED == found


@every_thesis
def test_a_company_that_could_not_be_bought_is_in_no_basket(name):
    thesis = bundled(name)

    assert set(thesis.codes).isdisjoint({"688802.SH", "688795.SH"})
    assert set(UNLISTED).isdisjoint(pick.name for pick in thesis.picks)


@every_thesis
def test_a_file_starts_with_a_comment_that_says_what_it_is(name):
    lines = (bundled_folder() / f"{name}.toml").read_text(encoding="utf-8").splitlines()

    assert lines[0].startswith("# Sinolink Securities, October 2024: ")
    assert lines[1].startswith("# ")


def test_no_two_theses_share_a_fingerprint():
    assert 11 == len({bundled(name).fingerprint for name in TABLE})
