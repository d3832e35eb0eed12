"""The cross of definitions: each cell against a backtest of it alone, each count against a loop."""

import datetime as dt
import functools
from dataclasses import replace

import pytest

import thesis
from thesis.errors import RulesError
from thesis.market.panel import PricePanel
from thesis.scoring import definitions as room
from thesis.scoring.assess import score_thesis
from thesis.scoring.definitions import best_name, definitions
from thesis.scoring.needs import needed_codes
from thesis.scoring.reading import rate
from thesis.scoring.score import Case

AS_OF = dt.date(2025, 12, 31)
WEIGHTINGS = ("equal", "segment", "inverse_vol", "float_cap")


@functools.cache
def read(name, where):
    return thesis.read_prices(str(where), (*needed_codes(thesis.load(name)), "H00300.CSI"))


def scored(name, panel, strategy=None, basis="total", as_of=AS_OF, **options):
    strategy = strategy or thesis.Strategy(**options)
    return score_thesis(Case(thesis.load(name), strategy, panel.up_to(as_of), basis, as_of))


def changed(panel, **columns):
    """The panel with some columns gone."""
    frame = panel.to_frame().assign(**columns)
    return PricePanel.from_frame(
        frame, origin="bars", listings=panel.listings, simulated=panel.simulated
    )


def reasons(found):
    return {(each.choice, each.value): each.reason for each in found.left_out}


@pytest.mark.parametrize(
    ("where", "name", "options"),
    [
        ("sample", "media_ai", {"delay": 2, "rebalance": "monthly", "entry": "close"}),
        ("market", "switch", {"weights": "segment", "basis": "price"}),
    ],
)
def test_every_cell_is_a_backtest_of_it_alone(request, where, name, options):
    folder = request.getfixturevalue("market") if where == "market" else where
    panel = read(name, folder)
    found = definitions(scored(name, panel, **options))
    cells = {(c.basis, c.weighting, c.stage, c.reading): c for c in found.cells}
    assert len(cells) == len(found.cells)
    plain = {key: value for key, value in options.items() if key not in ("weights", "basis")}
    left = {value for choice, value in reasons(found) if choice == "weighting"}
    for basis in ("total", "price"):
        for weighting in set(WEIGHTINGS) - left:
            alone = scored(name, panel, basis=basis, weights=weighting, **plain)
            for stage, leg in (("paper", alone.paper), ("net", alone.net)):
                for key, reading in leg.readings.items():
                    cell = cells.pop((basis, weighting, stage, key))
                    assert cell.excess == pytest.approx(reading.excess, rel=0, abs=1e-12)
                    assert cell.rating == reading.rating
    assert {} == cells


@pytest.mark.parametrize("name", ["media_ai", "switch"])
def test_shares_and_changes_are_counted_from_the_cells(name, market):
    score = scored(name, read(name, market))
    found = definitions(score)
    headline = score.paper.headline
    assert ("mean", "total", "equal", "paper") == room._choices(found.headline)
    assert (headline.excess, headline.rating) == (found.headline.excess, found.headline.rating)
    ratings = [cell.rating for cell in found.cells]
    assert len(ratings) == found.known
    assert sum(rating == headline.rating for rating in ratings) / len(ratings) == found.kept
    one_away = {
        (c.reading, c.basis, c.weighting, c.stage): c.rating != headline.rating
        for c in found.cells
        if (c.reading != "mean")
        + (c.basis != "total")
        + (c.weighting != "equal")
        + (c.stage != "paper")
        == 1
    }
    assert one_away == {room._choices(change.cell): change.flips for change in found.changes}
    assert sum(one_away.values()) == len(found.flips)
    for change in found.changes:
        place = room.CHOICES.index(change.choice)
        assert room._choices(change.cell)[place] != room._choices(found.headline)[place]


def test_what_cannot_be_had_is_left_out_with_its_reason():
    panel = read("media_ai", "sample")
    found = definitions(scored("media_ai", changed(panel, share_factor=None, turnover=None)))
    told = reasons(found)
    assert {("weighting", "float_cap"), ("basis", "price")} == set(told)
    assert "has no share_factor" in told["basis", "price"]
    assert "has no turnover" in told["weighting", "float_cap"]
    assert {"total"} == {cell.basis for cell in found.cells}
    assert {"equal", "segment", "inverse_vol"} == {cell.weighting for cell in found.cells}


def test_without_the_total_return_index_there_is_the_price_basis_alone():
    panel = read("media_ai", "sample")
    bare = panel.select(set(panel.codes) - {"H00300.CSI"})
    found = definitions(scored("media_ai", bare))
    assert ("price", {"price"}) == (found.headline.basis, {cell.basis for cell in found.cells})
    assert "no total-return twin" in reasons(found)["basis", "total"]


def test_weights_that_are_another_weightings_are_not_counted_twice():
    found = definitions(scored("optical_module", read("optical_module", "sample")))
    assert "those of equal" in reasons(found)["weighting", "segment"]
    given = dict.fromkeys(thesis.load("optical_module").codes, 1 / 3)
    found = definitions(scored("optical_module", read("optical_module", "sample"), weights=given))
    assert "given" == found.headline.weighting
    assert {"given", "inverse_vol", "float_cap"} == {cell.weighting for cell in found.cells}


class Halves(thesis.Strategy):
    """A strategy that decides its own weights."""

    def weigh(self, found, history):
        rest = (len(found.codes) - 1) * 2
        return {c: 0.5 if n == 0 else 1 / rest for n, c in enumerate(found.codes)}


def test_a_strategy_that_decides_its_own_weights_keeps_them():
    score = scored("media_ai", read("media_ai", "sample"), Halves())
    found = definitions(score)
    assert found.headline.excess == score.paper.headline.excess
    assert {score.case.strategy.weights_name} == {cell.weighting for cell in found.cells}
    assert all("decides its own weights" in reason for reason in reasons(found).values())
    assert set(WEIGHTINGS) == {value for _, value in reasons(found)}


def test_where_the_rules_have_no_answer_the_paper_cells_remain(monkeypatch):
    panel = read("media_ai", "sample")
    whole = definitions(scored("media_ai", panel))
    real = room.score_variants

    def unruled(cases):
        if any(case.strategy.weights != "segment" for case in cases.values()):
            raise RulesError("no rule for 300133.SZ")
        return real(cases)

    monkeypatch.setattr(room, "score_variants", unruled)
    found = definitions(scored("media_ai", panel))
    assert "no rule for 300133.SZ" in reasons(found)["stage", "net"]
    assert 1 == len([each for each in found.left_out if each.choice == "stage"])
    assert {"segment"} == {cell.weighting for cell in found.cells if cell.stage == "net"}
    for cell in found.cells:
        assert cell in whole.cells


def test_an_open_window_has_cells_but_no_share():
    found = definitions(scored("media_ai", read("media_ai", "sample"), as_of=dt.date(2025, 2, 20)))
    known = {cell.reading for cell in found.cells if cell.rating is not None}
    assert ({"3m", "4m"}, None) == (known, found.kept)
    assert found.known == sum(cell.rating is not None for cell in found.cells)
    assert {None} == {change.flips for change in found.changes}
    assert () == found.flips


def test_a_sector_call_has_no_definitions_and_no_best_name():
    score = scored("computer", read("computer", "sample"))
    assert (None, None) == (definitions(score), best_name(score))


@pytest.mark.parametrize("name", ["media_ai", "optical_module"])
def test_the_best_name_is_the_largest_part_of_the_excess(name, market):
    score = scored(name, read(name, market), weights="inverse_vol")
    headline = score.paper.headline
    parts = {
        each.code: each.contribution["mean"] - each.weight * headline.benchmark
        for each in score.names
    }
    assert sum(parts.values()) == pytest.approx(headline.excess, rel=0, abs=1e-12)
    found = best_name(score)
    extreme = max if headline.excess > 0 else min
    assert extreme(parts.values()) == pytest.approx(found.contribution, abs=1e-15)
    assert parts[found.code] == pytest.approx(found.contribution, abs=1e-15)
    assert found.share == pytest.approx(parts[found.code] / headline.excess, abs=1e-12)


def test_of_an_excess_under_a_point_no_share_is_told():
    score = scored("media_ai", read("media_ai", "sample"))
    headline, scale = score.paper.headline, score.case.thesis.scale
    for excess, told in ((0.0099, False), (-0.0099, False), (0.0101, True), (-0.0101, True)):
        benchmark = headline.ret - excess
        readings = score.paper.readings | {"mean": rate(headline.ret, benchmark, scale)}
        found = best_name(replace(score, paper=replace(score.paper, readings=readings)))
        assert told == (found.share is not None) == (found.reason is None)
        assert found.code in score.case.thesis.codes


def test_of_an_unknown_excess_there_is_no_best_name():
    score = scored("media_ai", read("media_ai", "sample"), as_of=dt.date(2025, 2, 20))
    found = best_name(score)
    assert (None, None, None) == (found.code, found.contribution, found.share)
    assert "not known" in found.reason
