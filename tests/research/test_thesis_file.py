import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesis.errors import ThesisFileError
from thesis.research.thesis_file import parse_thesis, read_thesis

GOOD = """\
id = "idea"
title = "An idea"
kind = "call"

[source]
publisher = "Broker"
published = 2024-10-13

[claim]
rating = "buy"
scale = "sinolink_industry"
sector_index = "801760.SI"

[[segment]]
id = "names"

[[segment.pick]]
code = "300133.SZ"
name = "华策影视"
basis = "named"
"""

OWN_SCALE = (
    GOOD.replace("sinolink_industry", "own").replace('rating = "buy"', 'rating = "Outperform"')
    + """
[scale.own]
publisher = "My Broker"
source = "its last page"
months = [6, 6]
bands = [
    { id = "outperform", name = "Outperform", from = 0.10 },
    { id = "rest", name = "The rest" },
]
"""
)

PICK = GOOD[GOOD.index("[[segment.pick]]") :]
CLAIM = GOOD[GOOD.index("[claim]") : GOOD.index("[[segment]]")]
SEGMENT = GOOD[GOOD.index("[[segment]]") :]
FORMS = "write six digits and the exchange, as 300308.SZ, 601595.SH, 920002.BJ or 801760.SI"
NO_DATE = (
    "is no date; write it unquoted, as 2024-10-13, or with a time and its offset, "
    "as 2024-10-14T08:30:00+08:00"
)


def changed(old, new, text=GOOD):
    assert 1 == text.count(old), old
    return text.replace(old, new)


def fault(text):
    with pytest.raises(ThesisFileError) as caught:
        parse_thesis(text, name="idea.toml")
    return str(caught.value)


def test_a_good_file_is_read_whole():
    idea = parse_thesis(GOOD)

    assert ("idea", "An idea", "call") == (idea.id, idea.title, idea.kind)
    assert dt.date(2024, 10, 13) == idea.source.published
    assert type(idea.source.published) is dt.date
    assert ("buy", "Buy") == (idea.band.id, idea.band.name)
    assert ("300133.SZ",) == idea.codes
    assert ["chinext"] == [security.board for security in idea.securities]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        pytest.param(
            'publisher = "Broker"',
            'publisher = "Broker"\npublised = 2024-10-13',
            "source.publised: unknown key 'publised'; did you mean 'published'?",
            id="unknown key near a known one",
        ),
        pytest.param(
            'basis = "named"',
            'basis = "named"\nqoute = "x"',
            "segment[1].pick[1].qoute: unknown key 'qoute'; did you mean 'quote'?",
            id="unknown key in a pick",
        ),
        pytest.param(
            'id = "names"',
            'id = "names"\nxyz = 1',
            "segment[1].xyz: unknown key 'xyz'; known here: "
            "id, name, name_zh, status, quote, benchmark_index, pick, unlisted",
            id="unknown key near nothing",
        ),
        pytest.param(
            'title = "An idea"',
            'title = "An idea"\ndate = 2024-10-13',
            "date: unknown key 'date'; known here: "
            "id, title, title_zh, kind, source, claim, segment, scale",
            id="unknown key called date",
        ),
        pytest.param(
            'title = "An idea"',
            "title = An idea",
            "not TOML: invalid value (at line 2, column 9)",
            id="text without quotes",
        ),
        pytest.param(
            'title = "An idea"',
            'title = "An idea',
            "not TOML: illegal character '\\n' (at line 2, column 17)",
            id="a quote left open",
        ),
        pytest.param(
            'title = "An idea"',
            'title = "An idea"\ntitle = "Another"',
            "not TOML: cannot overwrite a value (at line 3, column 18)",
            id="a key written twice",
        ),
        pytest.param('title = "An idea"\n', "", "title is required", id="missing field"),
        pytest.param(
            'publisher = "Broker"\n', "", "source.publisher is required", id="missing in a table"
        ),
        pytest.param(CLAIM, "", "claim is required", id="missing table"),
        pytest.param(
            'id = "idea"',
            'id = "My idea"',
            "id = 'My idea': use lower-case letters, digits and _, starting with a letter",
            id="id with a blank",
        ),
        pytest.param(
            'title = "An idea"', "title = 5", "title = 5: must be text in quotes", id="number"
        ),
        pytest.param(
            'kind = "call"',
            'kind = "calls"',
            "kind = 'calls': must be one of 'call', 'sector_call' or 'screen'",
            id="unknown kind",
        ),
        pytest.param(
            'rating = "buy"',
            'rating = "buy"\nrisks = "one"',
            "claim.risks = 'one': must be a list in [ ]",
            id="text for a list",
        ),
        pytest.param(
            "[[segment]]\n",
            "[segment]\n",
            "segment must be a list of tables; write [[segment]], with two brackets",
            id="one bracket for a segment",
        ),
        pytest.param(
            "[[segment.pick]]",
            "[segment.pick]",
            "segment[1].pick must be a list of tables; write [[segment.pick]], with two brackets",
            id="one bracket for a pick",
        ),
    ],
)
def test_a_slip_of_form_is_named_with_its_place(old, new, sentence):
    assert f"idea.toml: {sentence}" == fault(changed(old, new))


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ('"2024-10-13"', f"source.published: '2024-10-13' {NO_DATE}"),
        ('"soon"', f"source.published: 'soon' {NO_DATE}"),
        ("20241013", f"source.published: '20241013' {NO_DATE}"),
        ("1728777600.0", f"source.published: '1728777600.0' {NO_DATE}"),
        ("true", f"source.published: 'True' {NO_DATE}"),
        ("08:30:00", f"source.published: '08:30:00' {NO_DATE}"),
        ("[]", f"source.published: '[]' {NO_DATE}"),
        (
            "0024-10-13",
            (
                "source.published: 0024-10-13 lies outside 1990-2100, and the exchanges opened in "
                "1990; check the year"
            ),
        ),
        (
            "2024-10-14T08:30:00",
            (
                "source: published = 2024-10-14T08:30:00: a time needs its offset, as "
                "2024-10-14T08:30:00+08:00; or write the date alone, which means after that day's "
                "close"
            ),
        ),
    ],
)
def test_a_publication_date_that_is_none_is_refused(written, sentence):
    assert f"idea.toml: {sentence}" == fault(changed("2024-10-13", written))


def test_a_date_that_is_not_in_the_calendar_is_no_toml():
    assert fault(changed("2024-10-13", "2024-02-30")).startswith("idea.toml: not TOML: ")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-10-13", dt.date(2024, 10, 13)),
        ("2024-10-14T08:30:00+08:00", dt.date(2024, 10, 14)),
        ("2024-10-13T20:00:00Z", dt.date(2024, 10, 14)),
        ("2024-10-13T12:00:00-05:00", dt.date(2024, 10, 14)),
    ],
)
def test_the_day_of_publication_is_the_one_in_shanghai(written, day):
    assert day == parse_thesis(changed("2024-10-13", written)).published_day


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("300133.SH", "security code '300133.SH': 300133 is a Shenzhen code; write 300133.SZ"),
        (
            "999999.SZ",
            "security code '999999.SZ': Shenzhen lists no A-share or index numbered 999999; "
            + FORMS,
        ),
        ("30013", "security code '30013' cannot be read; " + FORMS),
        (
            "000001",
            (
                "security code '000001': 000001 alone can be a Shenzhen stock or a Shanghai index; "
                "write 000001.SZ or 000001.SH"
            ),
        ),
        ("000300.SH", "000300.SH is an index; a pick must be a stock that can be bought"),
    ],
)
def test_a_code_that_cannot_be_bought_is_refused(written, sentence):
    text = changed("300133.SZ", written)

    assert f"idea.toml: segment[1].pick[1].code: {sentence}" == fault(text)


def test_a_code_may_be_spelled_in_any_usual_way():
    assert ("300133.SZ",) == parse_thesis(changed("300133.SZ", "sz300133")).codes


def test_a_stock_is_no_sector_index():
    text = changed("801760.SI", "600000.SH")

    assert (
        "idea.toml: claim.sector_index: 600000.SH is a stock; write an index, as 801760.SI"
    ) == fault(text)


def test_the_same_code_twice_in_a_segment_is_refused_however_spelled():
    text = GOOD + '\n[[segment.pick]]\ncode = "sz300133"\nbasis = "named"\n'

    assert (
        "idea.toml: segment[1]: 300133.SZ stands 2 times in segment 'names'; once is enough"
    ) == fault(text)


def test_the_same_code_in_two_segments_is_one_name():
    text = GOOD + '\n[[segment]]\nid = "more"\n' + PICK

    idea = parse_thesis(text)

    assert ("300133.SZ",) == idea.codes
    assert 2 == len(idea.picks)


def test_one_code_under_two_names_is_refused():
    text = GOOD + '\n[[segment]]\nid = "more"\n' + PICK.replace("华策影视", "中文在线")

    assert (
        "idea.toml: 300133.SZ is called 华策影视 in one segment and 中文在线 in another; "
        "write one name"
    ) == fault(text)


def test_a_name_left_out_in_one_segment_is_no_contradiction():
    text = GOOD + '\n[[segment]]\nid = "more"\n' + PICK.replace('name = "华策影视"\n', "")

    assert ("300133.SZ",) == parse_thesis(text).codes


@pytest.mark.parametrize("kind", ["call", "screen"])
def test_an_empty_watchlist_is_refused(kind):
    text = changed('kind = "call"', f'kind = "{kind}"').replace(SEGMENT, "")

    assert (
        f"idea.toml: the watchlist is empty: a {kind} needs at least one [[segment.pick]]; only a "
        'kind = "sector_call" may have none'
    ) == fault(text)


def test_a_sector_call_may_have_no_names():
    text = changed('kind = "call"', 'kind = "sector_call"').replace(SEGMENT, "")

    assert () == parse_thesis(text).codes


def test_a_sector_call_with_picks_is_refused():
    text = changed('kind = "call"', 'kind = "sector_call"')

    assert (
        'idea.toml: kind = "sector_call" is a call without names, but 300133.SZ is picked; write '
        'kind = "call"'
    ) == fault(text)


def test_a_sector_call_without_its_index_is_refused():
    text = changed('kind = "call"', 'kind = "sector_call"').replace(SEGMENT, "")
    text = changed('sector_index = "801760.SI"\n', "", text)

    assert "idea.toml: a sector_call needs claim.sector_index, as 801750.SI" == fault(text)


def test_a_segment_without_names_says_so_or_is_refused():
    empty = GOOD + '\n[[segment]]\nid = "more"\n'

    assert (
        "idea.toml: segment[2]: segment 'more' is empty; add a [[segment.pick]], or "
        'status = "no_names" if the report describes a group that nobody can fill'
    ) == fault(empty)
    assert "no_names" == parse_thesis(empty + 'status = "no_names"\n').segment[1].status


def test_a_segment_of_no_names_with_names_is_refused():
    text = changed('id = "names"', 'id = "names"\nstatus = "no_names"')

    assert (
        "idea.toml: segment[1]: segment 'names' has picks, so its status cannot be no_names; "
        "remove one or the other"
    ) == fault(text)


def test_an_unknown_status_is_refused():
    text = changed('id = "names"', 'id = "names"\nstatus = "empty"')

    assert "idea.toml: segment[1].status = 'empty': must be 'no_names'" == fault(text)


def test_a_segment_id_used_twice_is_refused():
    text = GOOD + '\n[[segment]]\nid = "names"\nstatus = "no_names"\n'

    assert "idea.toml: segment id 'names' is used 2 times; ids must differ" == fault(text)


@pytest.mark.parametrize(
    ("basis", "sentence"),
    [
        (
            "guessed",
            ".basis = 'guessed': must be one of 'named', 'mentioned', 'inferred' or 'hand_picked'",
        ),
        (
            "inferred",
            ": 300133.SZ: an inferred pick states the point-in-time `rule` that picks it",
        ),
        ("hand_picked", ": 300133.SZ: a hand_picked name states the `reason` for it"),
    ],
)
def test_a_pick_states_its_ground(basis, sentence):
    text = changed('basis = "named"', f'basis = "{basis}"')

    assert f"idea.toml: segment[1].pick[1]{sentence}" == fault(text)


@pytest.mark.parametrize(
    ("company", "sentence"),
    [
        (
            'reason = "listed_later"',
            "segment[1].unlisted[1]: 摩尔线程: listed_later needs the date, as listed = 2025-12-05",
        ),
        (
            'reason = "bankrupt"',
            (
                "segment[1].unlisted[1].reason = 'bankrupt': must be one of 'private', "
                "'unit_of_listed_parent' or 'listed_later'"
            ),
        ),
        (
            'reason = "listed_later"\nlisted = 20251205',
            f"segment[1].unlisted[1].listed: '20251205' {NO_DATE}",
        ),
    ],
)
def test_an_unlisted_company_says_why_it_could_not_be_bought(company, sentence):
    text = f'{GOOD}\n[[segment.unlisted]]\nname = "摩尔线程"\n{company}\n'

    assert f"idea.toml: {sentence}" == fault(text)


def test_an_unknown_scale_is_answered_with_the_known_ones():
    text = changed("sinolink_industry", "sinolink")

    assert (
        "idea.toml: claim.scale = 'sinolink' is no rating scale; known are sinolink_industry, "
        "hongxin_industry, hongxin_stock; or define it in this file as [scale.sinolink]"
    ) == fault(text)


def test_a_rating_off_the_scale_is_answered_with_its_bands():
    text = changed('rating = "buy"', 'rating = "strong buy"')

    assert (
        "idea.toml: claim.rating = 'strong buy' is not on the scale sinolink_industry; it has "
        "buy, overweight, neutral, underweight"
    ) == fault(text)


@pytest.mark.parametrize("word", ["buy", "Buy", "买入"])
def test_a_rating_may_be_written_as_the_publisher_does(word):
    assert "buy" == parse_thesis(changed('rating = "buy"', f'rating = "{word}"')).band.id


def test_a_scale_of_the_file_itself_is_used():
    idea = parse_thesis(OWN_SCALE)

    assert ("outperform", (6,), "000300.SH") == (
        idea.band.id,
        idea.scale.month_ends,
        idea.scale.benchmark,
    )


def test_a_scale_of_the_file_goes_before_the_shipped_one_of_its_name():
    text = OWN_SCALE.replace("scale.own", "scale.sinolink_industry").replace(
        'scale = "own"', 'scale = "sinolink_industry"'
    )

    assert "My Broker" == parse_thesis(text).scale.publisher


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("months = [6, 6]", "months = [6]", "scale.own.months[2] is required"),
        (
            "months = [6, 6]",
            "months = [3, 4, 5]",
            "scale.own.months = [3, 4, 5]: takes at most 2 entries",
        ),
        (
            "months = [6, 6]",
            "months = [6, 3]",
            "scale.own: months = [6, 3]: write the first and last month, as [3, 6]",
        ),
        ("from = 0.10", 'from = "ten"', "scale.own.bands[1].from = 'ten': must be a number"),
        ("from = 0.10", "from = nan", "scale.own.bands[1].from = nan: must be a finite number"),
        (
            ", from = 0.10",
            "",
            "scale.own: bands: every band but the last (worst) has a lower edge 'from'",
        ),
        (
            '    { id = "rest", name = "The rest" },\n',
            "",
            (
                "scale.own.bands = [{'id': 'outperform', 'name': 'Outperform', 'from': 0.1}]: "
                "needs at least 2 entries"
            ),
        ),
        (
            "months = [6, 6]",
            'months = [6, 6]\nbenchmark = "600000.SH"',
            "scale.own.benchmark: 600000.SH is a stock; write an index, as 000300.SH",
        ),
        (
            "months = [6, 6]",
            "months = [6, 6]\nmonth = 6",
            "scale.own.month: unknown key 'month'; did you mean 'months'?",
        ),
    ],
)
def test_a_fault_in_the_files_own_scale_is_named_with_its_place(old, new, sentence):
    assert f"idea.toml: {sentence}" == fault(changed(old, new, OWN_SCALE))


def test_every_fault_is_named_at_once():
    text = changed('title = "An idea"', 'titel = "An idea"')
    text = changed("300133.SZ", "300133.SH", text)

    assert (
        "idea.toml: title is required\n"
        "idea.toml: segment[1].pick[1].code: security code '300133.SH': 300133 is a Shenzhen "
        "code; write 300133.SZ\n"
        "idea.toml: titel: unknown key 'titel'; did you mean 'title'?"
    ) == fault(text)


@pytest.mark.parametrize("value", ["[" * 5000, "1" * 5000])
def test_toml_beyond_reason_is_refused_with_a_sentence(value):
    text = changed('title = "An idea"', f'title = "An idea"\nx = {value}')

    assert (
        "idea.toml: cannot be read: it nests too deeply or holds a number of too many digits"
    ) == fault(text)


toml_value = st.sampled_from(
    ["0", "-1", "1.5", "nan", "true", '""', '"x"', "[]", "{}", "[1]", "2024-10-13", "08:00:00"]
)


@given(line=st.integers(0, GOOD.count("\n") - 1), value=toml_value)
def test_any_value_at_any_key_is_read_or_refused_with_a_sentence(line, value):
    lines = GOOD.splitlines()
    key, equals, _ = lines[line].partition(" = ")
    if equals:
        lines[line] = f"{key} = {value}"

    try:
        parse_thesis("\n".join(lines), name="idea.toml")
    except ThesisFileError as error:
        refusal = str(error)
    else:
        return

    assert refusal.startswith("idea.toml: ")


@given(st.text(max_size=60))
def test_any_text_is_refused_with_a_sentence(text):
    assert fault(text).startswith("idea.toml: ")


def test_a_file_is_called_by_its_path(tmp_path):
    path = tmp_path / "idea.toml"
    path.write_text(changed('title = "An idea"\n', ""), encoding="utf-8")

    with pytest.raises(ThesisFileError) as caught:
        read_thesis(path)

    assert f"{path}: title is required" == str(caught.value)


def test_a_byte_order_mark_and_dos_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "idea.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())

    assert "idea" == read_thesis(path).id


def test_a_file_that_is_not_there_is_said(tmp_path):
    path = tmp_path / "idea.toml"

    with pytest.raises(ThesisFileError) as caught:
        read_thesis(path)

    assert f"{path}: there is no such file" == str(caught.value)


def test_a_file_in_another_encoding_is_said(tmp_path):
    path = tmp_path / "idea.toml"
    path.write_bytes('title = "主题"'.encode("gb18030"))

    with pytest.raises(ThesisFileError) as caught:
        read_thesis(path)

    assert f"{path}: byte 9 is not UTF-8; save the file as UTF-8" == str(caught.value)


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path):
    path = tmp_path / "idea.toml"
    path.mkdir()

    with pytest.raises(ThesisFileError, match="cannot be read"):
        read_thesis(path)


def test_the_fingerprint_is_of_the_content_not_the_layout():
    same = "# a comment\n" + GOOD.replace("300133.SZ", "sz300133")
    other = GOOD.replace("An idea", "Another idea")

    assert parse_thesis(GOOD).fingerprint == parse_thesis(same).fingerprint
    assert parse_thesis(GOOD).fingerprint != parse_thesis(other).fingerprint


def test_the_notebook_form_escapes_what_a_file_says():
    page = parse_thesis(GOOD.replace("An idea", "<script>"))._repr_html_()

    assert "&lt;script&gt;" in page
    assert "<script>" not in page
