import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import thesis as thesis_library
from thesis.errors import PricesError
from thesis.market.calendar import SHANGHAI, session_on_or_before, sessions, timing
from thesis.market.panel import PricePanel
from thesis.research.rating import shipped_scales
from thesis.research.thesis import Thesis
from thesis.trading import weightings
from thesis.trading.simulation import decide_weights
from thesis.trading.strategy import Strategy
from thesis.trading.weightings import WEIGHTINGS, float_cap, inverse_vol

CODES = ("300133.SZ", "300364.SZ", "601595.SH")
ESTIMATES = [(inverse_vol, "inverse_vol"), (float_cap, "float_cap")]


def thesis_of(codes=CODES[:2], published=dt.date(2024, 10, 13)):
    picks = [{"code": code, "basis": "named"} for code in codes]
    return Thesis.model_validate(
        {
            "id": "idea",
            "title": "An idea",
            "source": {"publisher": "Broker", "published": published},
            "claim": {"rating": "buy", "scale": "sinolink_industry"},
            "segment": [{"id": "all", "pick": picks}],
        }
    )


def axis_to(last="2024-10-11", count=80):
    days = sessions()
    end = int(np.searchsorted(days, np.datetime64(last), side="right"))
    return days[end - count : end]


def bars(code, closes, axis=None, **columns):
    """Bars of a code that end on 2024-10-11; NaN closes are sessions without one."""
    closes = np.asarray(closes, dtype=float)
    axis = axis_to(count=len(closes)) if axis is None else axis
    frame = pd.DataFrame({"code": code, "date": axis.astype("M8[s]"), "close": closes})
    frame = frame.assign(volume=1000.0, factor=1.0, turnover=0.01).assign(**columns)
    frame = frame[frame["close"].notna()]
    prices = dict.fromkeys(["open", "high", "low"], frame["close"])
    return frame.assign(**prices, amount=frame["close"] * frame["volume"])


def panel_of(*frames):
    return PricePanel.from_frame(pd.concat(frames), origin="a folder")


def zigzag(low, high, count=21):
    """low, high, low, ...: 20 returns, half of them up and half down."""
    return [high if row % 2 else low for row in range(count)]


def test_inverse_volatility_by_hand():
    # Ten returns of +1/10 and ten of -1/11 lie (1/10 + 1/11) / 2 on either side of their mean, so
    # the deviation is that times sqrt(20/19); of 10 and 10.5, (1/20 + 1/21) / 2. The root cancels.
    history = panel_of(bars(CODES[0], zigzag(10, 11)), bars(CODES[1], zigzag(10, 10.5)))
    one, two = 1 / (1 / 10 + 1 / 11), 1 / (1 / 20 + 1 / 21)

    assert {
        CODES[0]: pytest.approx(one / (one + two), rel=1e-12),
        CODES[1]: pytest.approx(two / (one + two), rel=1e-12),
    } == inverse_vol(thesis_of(), history)


def test_inverse_volatility_of_five_sessions_by_hand(monkeypatch):
    monkeypatch.setattr(weightings, "LEAST_RETURNS", 4)
    # Returns of 10%, -10%, 10%, -10%: mean 0, squares sum to 0.04, over 3: 0.11547. And twice that.
    one = np.array([100, 110, 99, 108.9, 98.01])
    two = np.array([100, 120, 96, 115.2, 92.16])
    history = panel_of(bars(CODES[0], one), bars(CODES[1], two))

    assert {
        CODES[0]: pytest.approx(2 / 3, rel=1e-12),
        CODES[1]: pytest.approx(1 / 3, rel=1e-12),
    } == inverse_vol(thesis_of(), history)


def test_a_dividend_is_no_volatility():
    # The price falls by half as the shares double: adjusted, nothing happened.
    closes = np.array(zigzag(10, 11))
    split = np.where(np.arange(21) < 10, closes, closes / 2)
    factor = np.where(np.arange(21) < 10, 1.0, 2.0)
    plain = panel_of(bars(CODES[0], closes), bars(CODES[1], zigzag(10, 12)))
    halved = panel_of(bars(CODES[0], split, factor=factor), bars(CODES[1], zigzag(10, 12)))

    assert inverse_vol(thesis_of(), plain) == pytest.approx(inverse_vol(thesis_of(), halved))


def test_a_session_without_a_bar_is_no_return_of_zero():
    draw = np.random.default_rng(3)
    closes = {code: 10 * np.exp(draw.normal(0, 0.03, 80).cumsum()) for code in CODES[:2]}
    closes[CODES[0]][30:45] = np.nan
    closes[CODES[0]][[60, 79]] = np.nan
    history = panel_of(*(bars(code, each) for code, each in closes.items()))
    # In pandas' words: what there is of the last 60 sessions, and its changes.
    volatility = {
        code: pd.Series(each[-60:]).dropna().pct_change().std() for code, each in closes.items()
    }
    total = sum(1 / sd for sd in volatility.values())

    assert inverse_vol(thesis_of(), history) == pytest.approx(
        {code: 1 / sd / total for code, sd in volatility.items()}, rel=1e-12
    )


def test_the_first_of_sixty_sessions_counts_and_the_one_before_does_not():
    draw = np.random.default_rng(4)
    closes = 10 * np.exp(draw.normal(0, 0.03, 80).cumsum())
    other = bars(CODES[1], zigzag(10, 11, 80))

    def weight(row, by):
        changed = closes.copy()
        changed[row] *= by
        return inverse_vol(thesis_of(), panel_of(bars(CODES[0], changed), other))[CODES[0]]

    assert weight(-61, 3.0) == weight(-61, 1.0)
    assert weight(-60, 1.1) != weight(-60, 1.0)
    assert weight(-1, 1.1) != weight(-1, 1.0)


def test_too_few_returns_are_refused_with_the_count():
    # 20 bars are 19 returns; bars before the 60 sessions do not help.
    short = np.full(80, np.nan)
    short[:15], short[60:] = 10.0, zigzag(10, 11, 20)
    history = panel_of(bars(CODES[0], short), bars(CODES[1], zigzag(10, 11, 80)))

    with pytest.raises(PricesError) as caught:
        inverse_vol(thesis_of(), history)
    assert (
        "weights = 'inverse_vol': of returns in the 60 sessions to 2024-10-11 300133.SZ has 19, "
        "and a volatility needs 20; give a folder earlier bars, or use equal, segment or weights "
        "of your own" == str(caught.value)
    )
    short[59] = 10.5
    assert inverse_vol(thesis_of(), panel_of(bars(CODES[0], short), bars(CODES[1], short)))


def test_a_name_that_did_not_move_is_refused():
    history = panel_of(
        bars(CODES[0], [7.0] * 30, factor=np.linspace(1, 1, 30)), bars(CODES[1], zigzag(10, 11, 30))
    )

    with pytest.raises(PricesError) as caught:
        inverse_vol(thesis_of(), history)
    assert (
        "weights = 'inverse_vol': 300133.SZ did not move in the 60 sessions to 2024-10-11, and 1 / "
        "volatility has no value at 0; look at the bars in a folder, or use equal, segment or "
        "weights of your own" == str(caught.value)
    )


def test_float_capitalisation_by_hand():
    # 1,000 shares at 1% are 100,000 floating, at 10: CNY 1,000,000. 6,000 at 2% are 300,000, at 7:
    # CNY 2,100,000. Bars before the last do not matter, nor does the factor.
    history = panel_of(
        bars(CODES[0], [50.0, 10.0], volume=[5.0, 1000.0], turnover=[0.5, 0.01], factor=3.0),
        bars(CODES[1], [1.0, 7.0], volume=[9.0, 6000.0], turnover=[np.nan, 0.02]),
    )

    assert {CODES[0]: pytest.approx(10 / 31), CODES[1]: pytest.approx(21 / 31)} == float_cap(
        thesis_of(), history
    )


def test_a_suspended_name_is_valued_at_its_last_bar():
    history = panel_of(
        bars(CODES[0], [10.0, np.nan, np.nan], volume=1000.0, turnover=0.01),
        bars(CODES[1], [1.0, 1.0, 7.0], volume=[9.0, 9.0, 6000.0], turnover=0.02),
    )

    assert {CODES[0]: pytest.approx(10 / 31), CODES[1]: pytest.approx(21 / 31)} == float_cap(
        thesis_of(), history
    )


@pytest.mark.parametrize("turnover", [np.nan, 0.0])
def test_without_a_turnover_float_capitalisation_is_refused_with_the_names(turnover):
    history = panel_of(
        bars(CODES[0], [10.0, 10.0], turnover=[0.01, turnover]),
        bars(CODES[1], [7.0, np.nan], turnover=turnover),
        bars(CODES[2], [7.0, 7.0]),
    )

    with pytest.raises(PricesError) as caught:
        float_cap(thesis_of(CODES), history)
    assert (
        "weights = 'float_cap': floating shares are volume / turnover at the last bar to "
        "2024-10-11, and a folder has no turnover of 300133.SZ on 2024-10-11, 300364.SZ on "
        "2024-10-10; give bars with a turnover (a fraction, above 0), or use equal, segment or "
        "weights of your own" == str(caught.value)
    )


def known_before(thesis, panel, strategy):
    """The weights a strategy decides for a thesis on a panel of all its bars."""
    scale = shipped_scales()["sinolink_industry"]
    when = timing(thesis.source.published, scale, strategy.entry, strategy.delay)
    return decide_weights(thesis, strategy, panel, when).total


@pytest.mark.parametrize(("weighting", "name"), ESTIMATES)
def test_a_name_without_any_price_weighs_the_mean_and_leaves_the_rest_as_they_are(weighting, name):
    panel = panel_of(
        bars(CODES[0], zigzag(10, 11, 80)), bars(CODES[1], zigzag(10, 10.5, 80), volume=300.0)
    )
    two, three = weighting(thesis_of(), panel), weighting(thesis_of(CODES), panel)

    assert pytest.approx(1 / 3) == three[CODES[2]]
    assert pytest.approx(1) == sum(three.values())
    # Once it has left, the others weigh what they would have without it.
    assert two == pytest.approx({code: three[code] * 1.5 for code in CODES[:2]})
    assert three == pytest.approx(known_before(thesis_of(CODES), panel, Strategy(weights=name)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("inverse_vol", "in the 60 sessions to 2024-10-11 601595.SH has 0, and a volatility"),
        ("float_cap", "has no turnover of 601595.SH (no bar yet); give"),
    ],
)
def test_a_name_that_is_listed_after_publication_is_refused(name, text):
    later = axis_to("2024-12-31", 40)
    panel = panel_of(
        bars(CODES[0], zigzag(10, 11, 80)),
        bars(CODES[1], zigzag(10, 11, 80)),
        bars(CODES[2], zigzag(10, 11, 40), later),
    )

    with pytest.raises(PricesError) as caught:
        known_before(thesis_of(CODES), panel, Strategy(weights=name))
    assert text in str(caught.value)


@pytest.mark.parametrize(("weighting", "name"), ESTIMATES)
def test_before_any_session_nothing_can_be_estimated(weighting, name):
    panel = panel_of(bars(CODES[0], zigzag(10, 11, 80)), bars(CODES[1], zigzag(10, 11, 80)))

    with pytest.raises(PricesError, match="to publication"):
        weighting(thesis_of(), panel.up_to(dt.date(1990, 1, 1)))


MOMENTS = st.one_of(
    st.dates(dt.date(2024, 9, 20), dt.date(2024, 10, 20)),
    st.datetimes(
        dt.datetime(2024, 9, 20),  # noqa: DTZ001
        dt.datetime(2024, 10, 20),  # noqa: DTZ001
        timezones=st.just(SHANGHAI),
    ),
)


def last_ended(published):
    """The last session whose bar had ended before publication, in the plainest words."""
    if isinstance(published, dt.datetime):
        day = published.date()
        if published.time() <= dt.time(15, 0):
            day -= dt.timedelta(days=1)
        return session_on_or_before(day)
    return session_on_or_before(published)


@st.composite
def histories(draw):
    """Bars of three names over 140 sessions around the publication, some of them missing."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    axis = axis_to("2024-11-29", 140)
    frames = []
    for code in CODES:
        closes = 10 * np.exp(random.normal(0, 0.03, 140).cumsum())
        closes[random.random(140) < 0.05] = np.nan
        frames.append(
            bars(
                code,
                closes,
                axis,
                volume=random.uniform(1e5, 1e6, 140),
                turnover=random.uniform(0.001, 0.1, 140),
                factor=np.cumprod(np.where(random.random(140) < 0.02, 1.1, 1.0)),
            )
        )
    return pd.concat(frames, ignore_index=True)


@pytest.mark.parametrize("name", WEIGHTINGS)
@settings(
    deadline=None,
    max_examples=25,
    derandomize=True,
    phases=[Phase.generate],  # smaller frames would tell nothing more, and take long
    suppress_health_check=[HealthCheck.differing_executors],
)
@given(
    frame=histories(),
    published=MOMENTS,
    code=st.sampled_from(CODES),
    how=st.sampled_from(["prices", "factor", "volume", "turnover", "gone"]),
    delay=st.sampled_from([0, 3]),
    entry=st.sampled_from(["open", "close", "vwap"]),
)
def test_changing_any_bar_from_publication_on_changes_no_weight(
    name, frame, published, code, how, delay, entry
):
    # A bar from then on: every one of them, of one name, is another.
    later = (frame["date"] > pd.Timestamp(last_ended(published))) & (frame["code"] == code)
    columns = {
        "prices": ["open", "high", "low", "close", "amount"],
        "factor": ["factor"],
        "volume": ["volume", "amount"],
        "turnover": ["turnover"],
        "gone": [],
    }[how]
    changed = frame.copy()
    changed.loc[later, columns] *= np.where(np.arange(later.sum()) % 2, 3.0, 2.0)[:, None]
    if how == "factor":
        changed.loc[later, "factor"] = frame.loc[later, "factor"].cummax() * 5
    if how == "gone":
        changed = frame[~later]
    strategy = Strategy(weights=name, delay=delay, entry=entry)
    thesis = thesis_of(CODES, published)
    before, after = (
        known_before(thesis, PricePanel.from_frame(each), strategy) for each in (frame, changed)
    )

    assert before == after
    assert pytest.approx(1) == sum(before.values())


@pytest.mark.parametrize("name", ["inverse_vol", "float_cap"])
def test_the_last_bar_before_publication_does_change_them(name):
    closes = np.array(zigzag(10, 11, 80), dtype=float)
    moved = closes.copy()
    moved[-1] *= 1.05
    weights = [
        known_before(
            thesis_of(), panel_of(bars(CODES[0], each), bars(CODES[1], closes)),
            Strategy(weights=name, delay=5),
        )
        for each in (closes, moved)
    ]  # fmt: skip

    assert weights[0] != weights[1]


@pytest.fixture(scope="module")
def real_bars(market):
    """The bars of some codes, as pandas reads them."""
    columns = ["code", "date", "close", "factor", "volume", "turnover"]

    def read(codes):
        files = [
            pd.read_parquet(market / name, columns=columns, filters=[("code", "in", codes)])
            for name in ("bars.parquet", "universe.parquet")
        ]
        frame = pd.concat([each.astype({"code": "str"}) for each in files])
        return frame.assign(date=pd.to_datetime(frame["date"]))

    return read


NAMED = (
    "media_ai media_value optical_module switch ai_chip liquid_cooling server connector operators"
)


@pytest.mark.parametrize("name", NAMED.split())
def test_on_real_prices_pandas_finds_the_same_volatilities(market, real_bars, name):
    thesis = thesis_library.load(name)
    panel = thesis_library.read_prices(market, thesis.codes)
    frame = real_bars(thesis.codes)
    frame["adjusted"] = frame["close"] * frame["factor"]
    wide = frame.pivot_table(index="date", columns="code", values="adjusted")
    days = pd.DatetimeIndex(sessions().astype("M8[ns]"))
    last_sixty = days[days <= "2024-10-11"][-60:]
    returns = wide.reindex(last_sixty).apply(lambda one: one.dropna().pct_change())
    inverse = 1 / returns.std()

    # Of July 15 sessions, of August 22, of September 19, of October 4.
    assert "2024-07-11" == str(last_sixty[0].date())
    assert (inverse / inverse.sum()).to_dict() == pytest.approx(
        known_before(thesis, panel, Strategy(weights="inverse_vol", delay=3)), rel=1e-10
    )


def test_on_real_prices_floating_shares_are_as_many_as_there_were(market, real_bars):
    # All shares of 分众传媒 floated: 14,442,199,726 in its reports of 2024.
    thesis = thesis_library.load("media_value")
    panel = thesis_library.read_prices(market, thesis.codes)
    frame = real_bars(thesis.codes)
    day = frame[frame["date"] == "2024-10-11"].set_index("code")
    shares = day["volume"] / day["turnover"]
    value = shares * day["close"]

    assert pytest.approx(14_442_199_726, rel=1e-3) == shares["002027.SZ"]
    assert (value / value.sum()).to_dict() == pytest.approx(
        known_before(thesis, panel, Strategy(weights="float_cap")), rel=1e-12
    )
