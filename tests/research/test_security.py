import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesis.errors import ThesisFileError
from thesis.research.security import Security, parse_security

FORMS = "write six digits and the exchange, as 300308.SZ, 601595.SH, 920002.BJ or 801760.SI"

# First three digits, exchange, board, and the suffixes other systems write.
STOCK_LISTS = [
    ("600", "SH", "main", ("SH", "SS", "XSHG")),
    ("601", "SH", "main", ("SH", "SS", "XSHG")),
    ("603", "SH", "main", ("SH", "SS", "XSHG")),
    ("605", "SH", "main", ("SH", "SS", "XSHG")),
    ("688", "SH", "star", ("SH", "SS", "XSHG")),
    ("689", "SH", "star", ("SH", "SS", "XSHG")),
    ("001", "SZ", "main", ("SZ", "XSHE")),
    ("002", "SZ", "main", ("SZ", "XSHE")),
    ("003", "SZ", "main", ("SZ", "XSHE")),
    ("300", "SZ", "chinext", ("SZ", "XSHE")),
    ("301", "SZ", "chinext", ("SZ", "XSHE")),
    ("302", "SZ", "chinext", ("SZ", "XSHE")),
    ("920", "BJ", "bse", ("BJ", "BSE", "XBSE")),
    ("430", "BJ", "bse", ("BJ", "BSE", "XBSE")),
    ("832", "BJ", "bse", ("BJ", "BSE", "XBSE")),
    ("873", "BJ", "bse", ("BJ", "BSE", "XBSE")),
]


@pytest.mark.parametrize(
    ("spelling", "code", "board"),
    [
        ("300308.SZ", "300308.SZ", "chinext"),
        ("sz300308", "300308.SZ", "chinext"),
        ("sz.300308", "300308.SZ", "chinext"),
        ("300308.XSHE", "300308.SZ", "chinext"),
        ("300308", "300308.SZ", "chinext"),
        ("601595.SS", "601595.SH", "main"),
        ("601595.XSHG", "601595.SH", "main"),
        ("SH601595", "601595.SH", "main"),
        ("688702", "688702.SH", "star"),
        ("920002.BJ", "920002.BJ", "bse"),
        ("bj920002", "920002.BJ", "bse"),
        ("000001.SZ", "000001.SZ", "main"),
        ("sh000001", "000001.SH", "index"),
        ("000300.SH", "000300.SH", "index"),
        ("h00300.csi", "H00300.CSI", "index"),
        ("801760.SI", "801760.SI", "index"),
        ("801760", "801760.SI", "index"),
        ("399006", "399006.SZ", "index"),
        ("899050.BJ", "899050.BJ", "index"),
        ("  300308.sz ", "300308.SZ", "chinext"),
    ],
)
def test_a_spelling_is_read_as_its_canonical_code_and_board(spelling, code, board):
    assert Security(code, board) == parse_security(spelling)


@given(
    chosen=st.sampled_from(STOCK_LISTS),
    tail=st.integers(0, 999),
    upper=st.booleans(),
    blanks=st.sampled_from(["", " ", "\t", "  "]),
)
def test_all_spellings_of_one_code_are_the_same_security(chosen, tail, upper, blanks):
    head, exchange, board, suffixes = chosen
    digits = f"{head}{tail:03d}"
    spellings = [
        digits,
        f"{exchange}{digits}",
        f"{exchange}.{digits}",
        *(f"{digits}.{suffix}" for suffix in suffixes),
    ]

    written = [blanks + (s if upper else s.lower()) + blanks for s in spellings]

    assert {Security(f"{digits}.{exchange}", board)} == {parse_security(s) for s in written}


@given(st.one_of(st.text(max_size=12), st.from_regex(r"[A-Za-z]{0,2}\.?\d{5,7}(\.[A-Z]{1,4})?")))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    try:
        code = parse_security(text).code
    except ThesisFileError as error:
        refusal = str(error)
    else:
        assert code.isascii()
        assert code == parse_security(code).code
        return

    assert refusal.startswith(f"security code {text!r}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "300308.SH",
            "security code '300308.SH': 300308 is a Shenzhen code; write 300308.SZ",
        ),
        (
            "sz601595",
            "security code 'sz601595': 601595 is a Shanghai code; write 601595.SH",
        ),
        (
            "920002.SZ",
            "security code '920002.SZ': 920002 is a Beijing code; write 920002.BJ",
        ),
        (
            "000001",
            (
                "security code '000001': 000001 alone can be a Shenzhen stock or a Shanghai index; "
                "write 000001.SZ or 000001.SH"
            ),
        ),
        (
            "999999.SZ",
            "security code '999999.SZ': Shenzhen lists no A-share or index numbered 999999; "
            + FORMS,
        ),
        (
            "700000",
            "security code '700000': no A-share board or index uses 700000; " + FORMS,
        ),
        ("30030", "security code '30030' cannot be read; " + FORMS),
        ("3003080", "security code '3003080' cannot be read; " + FORMS),
        ("300308.HK", "security code '300308.HK' cannot be read; " + FORMS),
        ("中际旭创", "security code '中际旭创' cannot be read; " + FORMS),
        ("", "security code '' cannot be read; " + FORMS),
    ],
)
def test_an_impossible_code_is_refused_saying_why(text, message):
    with pytest.raises(ThesisFileError) as caught:
        parse_security(text)

    assert message == str(caught.value)


def test_full_width_digits_are_refused():
    with pytest.raises(ThesisFileError, match="cannot be read"):
        parse_security("300３０８.SZ")


def test_a_security_knows_its_exchange_and_whether_it_is_an_index():
    stock, index = parse_security("300308"), parse_security("H00300.CSI")

    assert ("SZ", False, "300308.SZ") == (stock.exchange, stock.is_index, str(stock))
    assert ("CSI", True, "H00300.CSI") == (index.exchange, index.is_index, str(index))
