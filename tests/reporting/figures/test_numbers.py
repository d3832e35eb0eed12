"""The numbers of each figure against the JSON of its result, other backtests, and slow loops."""

import datetime as dt
import math
import re
from itertools import pairwise

import numpy as np
import pytest

import thesis
from thesis.reporting.theme import colour
from thesis.trading.strategy import Strategy

CLOSE = {"rel": 0, "abs": 1e-12}


def traces(figure, kind="scatter"):
    return [trace for trace in figure["data"] if trace["type"] == kind]


def of_role(figure, role, axis="y"):
    """The lines of a role on an axis."""
    return [
        trace
        for trace in traces(figure)
        if trace.get("line", {}).get("color") == colour(role) and trace.get("yaxis", "y") == axis
    ]


def known(values):
    return [value for value in values if value is not None and not math.isnan(value)]


def months(found):
    """The rows of a JSON result's path on which its months end, by a loop."""
    days = [row["session"] for row in found["path"]]
    return {month: days.index(end) for month, end in found["windows"].items()}


@pytest.mark.parametrize("name", ["media_ai", "optical_module", "sample"])
def test_the_path_is_that_of_the_json(drawn, weighed, simulated, name):
    figure = drawn("path", name)
    found = (simulated if name == "sample" else weighed(name)).to_dict()
    rows, entry = found["path"], 60

    for role, key in (("basket", "basket"), ("sector", "sector"), ("benchmark", "benchmark")):
        (line,) = of_role(figure, role)
        assert 0 == line["x"][entry]
        assert [row[key] for row in rows] == line["y"][entry : entry + len(rows)]
    (net,) = of_role(figure, "net")
    assert [row["net"] for row in rows] == known(net["y"])
    (excess,) = of_role(figure, "basket", "y2")
    for row, value in zip(rows, excess["y"][entry:], strict=False):
        assert pytest.approx(row["basket"] - row["benchmark"], **CLOSE) == value
    (beside,) = of_role(figure, "sector", "y2")
    for row, value in zip(rows, beside["y"][entry:], strict=False):
        assert pytest.approx(row["sector"] - row["sector_benchmark"], **CLOSE) == value


@pytest.mark.parametrize("name", ["media_ai", "computer"])
def test_the_headline_lies_over_the_window_it_is_the_mean_of(drawn, weighed, name):
    figure, found = drawn("path", name), weighed(name).to_dict()
    leg = found["paper"] or found["sector"]
    ends = months(found)

    (mean,) = [each for each in traces(figure) if each["name"].startswith("Mean of months 3-6")]
    assert [ends["3m"], ends["6m"]] == mean["x"]
    assert [leg["mean"]["excess"]] * 2 == mean["y"]
    own = of_role(figure, "basket" if found["paper"] else "sector", "y2")[0]
    inside = [y for x, y in zip(own["x"], own["y"], strict=True) if ends["3m"] <= x <= ends["6m"]]
    assert pytest.approx(mean["y"][0], **CLOSE) == sum(inside) / len(inside)


def test_the_bands_of_the_scale_lie_behind_the_excess(drawn):
    shapes = [s for s in drawn("path", "media_ai")["layout"]["shapes"] if s["type"] == "rect"]

    found = {shape["fillcolor"]: (shape["y0"], shape["y1"]) for shape in shapes}
    low, high = drawn("path", "media_ai")["layout"]["yaxis2"]["range"]
    assert {
        colour("band_above_2"): (0.15, high),
        colour("band_above_1"): (0.05, 0.15),
        colour("band_middle"): (-0.05, 0.05),
        colour("band_below_1"): (low, -0.05),
    } == found


def test_publication_stands_between_the_sessions_around_it(drawn, market):
    late = thesis.backtest("media_ai", market, Strategy(delay=5), as_of="2026-04-30")
    moved = thesis.figures.path(late).to_plotly_json()
    violet = [
        [s["x0"] for s in figure["layout"]["shapes"] if s["line"].get("color") == colour("event")]
        for figure in (drawn("path", "media_ai"), moved)
    ]

    # 2024-10-13 was a Sunday: after the session before the first that could be entered.
    assert [[-0.5], [-5.5]] == violet


@pytest.mark.parametrize("name", ["media_ai", "optical_module", "server", "sample"])
def test_contributions_sum_to_the_excess_exactly(drawn, weighed, simulated, name):
    figure = drawn("contributions", name)
    found = (simulated if name == "sample" else weighed(name)).to_dict()
    (bars,) = traces(figure, "bar")
    labels = figure["layout"]["yaxis"]["ticktext"]
    rows = dict(
        zip(bars["y"], zip(bars["base"], bars["x"], bars["text"], strict=True), strict=True)
    )
    names = {n["name"]: n for n in found["names"]}
    parts, total, before = {}, 0.0, 0.0
    titles = {s["name"]: s for s in found["segments"] if s["status"] != "no_names"}
    for place, label in enumerate(labels):
        if place not in rows:
            continue
        base, size, text = rows[place]
        who = label.split(" ")[0]
        if who in names and re.search(r"\d{6}", label):
            assert pytest.approx(total, **CLOSE) == base
            parts[who] = parts.get(who, 0.0) + size
            total += size
        elif label in titles:
            assert pytest.approx(before, **CLOSE) == base
            assert pytest.approx(titles[label]["contribution"]["mean"], **CLOSE) == size
            before = total
        assert f"{100 * size:+.1f}".replace("+0.0", "0.0").replace("-0.0", "0.0") == text

    for who, value in parts.items():
        assert pytest.approx(names[who]["contribution"]["mean"], **CLOSE) == value
    basket, benchmark, excess = (rows[place] for place in list(rows)[-3:])
    mean = found["paper"]["mean"]
    assert (0.0, mean["return"]) == basket[:2]
    assert pytest.approx(total, **CLOSE) == basket[1]
    assert (mean["return"], -mean["benchmark"]) == benchmark[:2]
    assert (0.0, mean["excess"]) == excess[:2]
    assert pytest.approx(total - mean["benchmark"], **CLOSE) == excess[1]


def test_a_name_of_two_segments_stands_in_both_with_half_of_its_weight(drawn):
    labels = drawn("contributions", "media_ai")["layout"]["yaxis"]["ticktext"]

    halves = [label for label in labels if "50% of it" in label]
    assert {"中文在线 300364, 50% of it": 2, "华策影视 300133, 50% of it": 2} == {
        each: halves.count(each) for each in halves if "捷成" not in each
    }
    assert 1 == sum("上海电影" in label for label in labels)


def test_names_that_were_not_recommended_say_on_what_ground_they_stand(drawn):
    english = drawn("contributions", "server")["layout"]["yaxis"]["ticktext"]
    chinese = drawn("contributions", "server", "zh")["layout"]["yaxis"]["ticktext"]

    assert ["浪潮信息 000977, mentioned", "中科曙光 603019, inferred"] == english[:2]
    assert "工业富联 601138, hand-picked" == english[2]
    assert ["浪潮信息 000977（提及）", "中科曙光 603019（推定）"] == chinese[:2]


def test_a_segment_that_nobody_can_fill_keeps_its_row(drawn, weighed):
    figure = drawn("contributions", "media_ai")
    empty = [s["name"] for s in weighed("media_ai").to_dict()["segments"] if not s["basis"]]

    labels = figure["layout"]["yaxis"]["ticktext"]
    places = [labels.index(name) for name in empty]
    said = {n["y"]: n["text"] for n in figure["layout"]["annotations"]}
    assert 2 == len(empty)
    assert ["described, no names"] * 2 == [said[place] for place in places]


@pytest.mark.parametrize("pool", ["industry", "market", "industry_size"])
def test_the_fan_is_the_spread_of_the_random_lists(weighed, pool):
    result = weighed("media_ai")
    figure = thesis.figures.fan(result, pool=pool).to_plotly_json()
    fan = result.evidence.placebo.pools[pool].fan
    outer, inner, middle, own = traces(figure)
    count = len(fan)

    assert np.array_equal(fan[:, 4], outer["y"][:count])
    assert np.array_equal(fan[::-1, 0], outer["y"][count:])
    assert np.array_equal(fan[:, 3], inner["y"][:count])
    assert np.array_equal(fan[::-1, 1], inner["y"][count:])
    assert np.array_equal(fan[:, 2], middle["y"])
    for row, value in zip(result.to_dict()["path"], own["y"], strict=True):
        assert pytest.approx(row["basket"] - row["benchmark"], **CLOSE) == value


def test_the_edges_of_the_ratings_run_over_the_window_of_the_fan(drawn, weighed):
    layout = drawn("fan", "media_ai")["layout"]
    ends = months(weighed("media_ai").to_dict())

    edges = [s for s in layout["shapes"] if s["y0"] == s["y1"] != 0]
    assert [0.15, 0.05, -0.05] == [edge["y0"] for edge in edges]
    assert {ends["3m"]} == {edge["x0"] for edge in edges}


@pytest.mark.parametrize("name", ["media_ai", "optical_module", "sample"])
def test_the_bridge_is_that_of_the_json(drawn, weighed, simulated, name):
    levels, steps = traces(drawn("bridge", name), "bar")
    found = (simulated if name == "sample" else weighed(name)).to_dict()["bridge"]
    values = [found[stage]["excess"] for stage in ("paper", "executable", "net")]

    assert values == levels["y"]
    assert [b - a for a, b in pairwise(values)] == steps["y"]
    assert [1, 2] == steps["x"]
    assert [f"{100 * value:+.1f}" for value in values] == [t.rstrip("~") for t in levels["text"]]
    assert "base" not in levels or 0 == levels["base"]


def test_no_axis_of_the_bridge_is_cut(drawn):
    for name in ("media_ai", "optical_module", "sample"):
        layout = drawn("bridge", name)["layout"]
        for key in ("yaxis", "yaxis2"):
            low, high = layout[key]["range"]
            assert low <= 0 <= high


def test_a_strategy_that_trades_more_has_one_more_stage(market):
    how = Strategy(rebalance="monthly")
    result = thesis.backtest("operators", market, how, as_of="2026-04-30")
    found = result.to_dict()["bridge"]

    levels, _ = traces(thesis.figures.bridge(result).to_plotly_json(), "bar")
    stages = ("paper", "frictionless", "executable", "net")
    assert [found[stage]["excess"] for stage in stages] == levels["y"]


@pytest.mark.parametrize("delay", [0, 3, 20])
def test_a_row_of_the_surface_is_the_backtest_with_that_delay(drawn, market, delay):
    (cells,) = traces(drawn("surface", "media_ai"), "heatmap")
    result = thesis.backtest("media_ai", market, Strategy(delay=delay), as_of="2026-04-30")

    row = cells["z"][delay]
    assert [None] * delay == row[:delay]
    for day, value in zip(result.to_dict()["path"], row[delay:], strict=True):
        assert pytest.approx(day["basket"] - day["benchmark"], abs=1e-10) == value


def unit_edges(line):
    """A broken line as the edges of single cells."""
    found = set()
    points = list(zip(line["x"], line["y"], strict=True))
    for (x0, y0), (x1, y1), _ in zip(points[::3], points[1::3], points[2::3], strict=True):
        length = int(abs(x1 - x0) + abs(y1 - y0))
        for k in range(length):
            step = ((x1 - x0) / length, (y1 - y0) / length)
            start = (x0 + k * step[0], y0 + k * step[1])
            found.add((start, (start[0] + step[0], start[1] + step[1])))
    return found


@pytest.mark.parametrize("name", ["media_ai", "optical_module", "sample"])
def test_the_contour_runs_between_all_neighbours_of_another_rating(drawn, weighed, simulated, name):
    figure = drawn("surface", name)
    scale = (simulated if name == "sample" else weighed(name)).thesis.scale
    (cells,) = traces(figure, "heatmap")
    rated = [[None if z is None else scale.earned(z) for z in row] for row in cells["z"]]

    expected = set()
    for row, ratings in enumerate(rated):
        for column, rating in enumerate(ratings):
            right = ratings[column + 1] if column + 1 < len(ratings) else None
            below = rated[row + 1][column] if row + 1 < len(rated) else None
            if None not in (rating, right) and rating != right:
                expected.add(((column + 0.5, row - 0.5), (column + 0.5, row + 0.5)))
            if None not in (rating, below) and rating != below:
                expected.add(((column - 0.5, row + 0.5), (column + 0.5, row + 0.5)))
    (line,) = [t for t in of_role(figure, "ink") if t["name"] == "the rating changes"]
    assert expected == unit_edges(line)


@pytest.mark.parametrize("name", ["media_ai", "optical_module", "sample"])
def test_colours_step_evenly_around_zero_and_the_key_says_where(drawn, name):
    (cells,) = traces(drawn("surface", name), "heatmap")
    low, high, pairs = cells["zmin"], cells["zmax"], cells["colorscale"]
    edges = [low + share * (high - low) for share, _ in pairs]

    assert low == -high
    assert [colour(f"cell_{at // 2}") for at in range(22)] == [shade for _, shade in pairs]
    assert edges[1:-1:2] == pytest.approx(edges[2:-1:2])
    assert cells["colorbar"]["tickvals"] == pytest.approx(edges[1:-1:2])
    assert [-edge for edge in edges[::-1]] == pytest.approx(edges)
    written = [float(text) / 100 for text in cells["colorbar"]["ticktext"]]
    assert written == pytest.approx(cells["colorbar"]["tickvals"])
    known_cells = [abs(z) for row in cells["z"] for z in row if z is not None]
    assert sum(z <= edges[-3] for z in known_cells) >= 0.9 * len(known_cells)


def test_the_entry_of_the_result_and_its_window_are_framed(market):
    result = thesis.backtest("media_ai", market, Strategy(delay=4), as_of="2026-04-30")
    layout = thesis.figures.surface(result).to_plotly_json()["layout"]
    days = [dt.date.fromisoformat(row["session"]) for row in
            thesis.backtest("media_ai", market, as_of="2026-04-30").to_dict()["path"]]  # fmt: skip
    ends = [days.index(dt.date(2025, 1, 13)), days.index(dt.date(2025, 4, 11))]

    sides = [s for s in layout["shapes"] if s["line"]["color"] == colour("event")]
    assert {(3.5, 4.5)} == {(min(s["y0"] for s in sides), max(s["y1"] for s in sides))}
    dashed = [s["x0"] for s in layout["shapes"] if s["line"].get("dash") == "dash"]
    assert [ends[0] - 0.5, ends[1] + 0.5] == dashed


def test_an_entry_beyond_the_surface_is_said_to_be(market):
    result = thesis.backtest("media_ai", market, Strategy(delay=40), as_of="2026-04-30")
    figure = thesis.figures.surface(result).to_plotly_json()

    assert "entry of this result: 40 sessions late, not shown" in {t.get("name") for t in
                                                                   figure["data"]}  # fmt: skip


def test_orders_and_waits_stand_on_their_sessions(drawn, simulated):
    figure, found = drawn("timeline", "sample"), simulated.to_dict()
    days = [row["session"] for row in found["path"]]
    rows = {name["code"]: row for row, name in enumerate(found["names"])}
    marks = {t["name"]: t for t in traces(figure) if t["mode"] == "markers"}

    buys = {(days.index(t["session"]), rows[t["code"]]) for t in found["trades"]}
    assert buys == set(zip(marks["buy"]["x"], marks["buy"]["y"], strict=True))
    limits = {(days.index(w["session"]), rows[w["code"]]) for w in found["waits"]
              if "upper limit" in w["reason"]}  # fmt: skip
    silent = {(days.index(w["session"]), rows[w["code"]]) for w in found["waits"]
              if "no bar" in w["reason"]}  # fmt: skip
    assert limits
    assert silent
    upper, none = marks["waits: upper limit"], marks["waits: no bar"]
    assert limits == set(zip(upper["x"], upper["y"], strict=True))
    assert silent == set(zip(none["x"], none["y"], strict=True))


def test_what_became_of_each_name_stands_at_its_row(drawn):
    notes = drawn("timeline", "sample")["layout"]["annotations"]

    said = [note["text"] for note in notes if note["xref"] == "paper" and note["x"] == 1]
    assert [
        "held",
        "entered late",
        "entered late",
        "held",
        "held",
        "held",
        "suspended at end",
    ] == said


def test_a_name_is_held_from_its_order_to_its_last_bar(drawn, simulated):
    (held,) = of_role(drawn("timeline", "sample"), "basket")
    (silent,) = of_role(drawn("timeline", "sample"), "muted")
    panel, found = simulated.score.case.panel, simulated.to_dict()
    days = [row["session"] for row in found["path"]]
    bought = {t["code"]: days.index(t["session"]) for t in found["trades"]}

    drawn_days = [set(), set()]
    for inside, line in zip(drawn_days, (held, silent), strict=True):
        for x0, x1, y in zip(line["x"][::3], line["x"][1::3], line["y"][::3], strict=True):
            inside |= {(x, y) for x in range(round(x0 + 0.4), round(x1 + 0.6))}
    for row, name in enumerate(found["names"]):
        for at, day in enumerate(days):
            place = panel.row(dt.date.fromisoformat(day))
            has_bar = place is not None and not np.isnan(panel.field("close", name["code"])[place])
            assert (has_bar and at >= bought[name["code"]]) == ((at, row) in drawn_days[0])
            assert (not has_bar) == ((at, row) in drawn_days[1])


def test_where_no_order_waited_the_timeline_says_so(drawn):
    titles = [
        drawn("timeline", "media_ai", lang)["layout"]["xaxis"]["title"]["text"]
        for lang in ("en", "zh")
    ]

    assert titles[0].endswith("no order had to wait")
    assert titles[1].endswith("所有委托均未等待")
    assert "wait" not in drawn("timeline", "sample")["layout"]["xaxis"]["title"]["text"]


def test_the_scoreboard_ranks_by_the_excess_that_counts(drawn, compared):
    figure = drawn("scoreboard", "all")
    titles = figure["layout"]["yaxis"]["ticktext"]
    marks = {t["name"]: t for t in traces(figure) if t["mode"] == "markers"}
    found = {r.thesis.title: r.to_dict() for r in compared.results}

    # media_ai +29.8, computer's sector +24.4, server +21.8, optical modules -22.3; operators are
    # still open, and ghost failed.
    assert [
        "AI video tools and the owners of media IP",
        "The computer sector",
        "AI servers and their contract makers",
        "The three leading optical module makers",
        "The three telecom operators' computing power",
        "ghost",
    ] == titles
    for leg, name in (
        ("paper", "names on paper"), ("sector", "sector index"), ("net", "after rules and costs"),
    ):  # fmt: skip
        expected = {
            (place, found[title][leg]["mean"]["excess"])
            for place, title in enumerate(titles)
            if title in found and found[title][leg] and found[title][leg]["mean"]
        }
        assert expected == set(zip(marks[name]["y"], marks[name]["x"], strict=True))
        assert expected


def test_the_scoreboard_shows_what_picked_names_hang_on(drawn, compared):
    figure = drawn("scoreboard", "all")
    (line,) = [t for t in traces(figure) if t["name"] == "leaving one name out"]
    found = {r.thesis.id: r.to_dict() for r in compared.results}

    expected = []
    for name, place in (("server", 2), ("optical_module", 3)):
        values = [each["excess"] for each in found[name]["leave_one_out"]]
        expected.append((place, min(values), max(values)))
    x, y = line["x"], line["y"]
    assert sorted(expected) == sorted(zip(y[::3], x[::3], x[1::3], strict=True))


def test_the_scoreboard_says_what_each_claim_came_to(drawn):
    notes = drawn("scoreboard", "all")["layout"]["annotations"]
    fates = [note["text"] for note in notes if note["xref"] == "paper" and note["x"] == 1]

    assert [
        "Buy, met",
        "Buy, met",
        "Buy, met",
        "Underweight, missed",
        "not yet",
        "no result",
    ] == fates
    crosses = next(t for t in drawn("scoreboard", "all")["data"] if t["name"] == "no result")
    window, failure = crosses["hovertext"]
    assert [4, 5] == list(crosses["y"])
    assert "the window ends on 2025-04-11" in window
    assert "&lt;b&gt;nowhere&lt;/b&gt; &amp; beyond" in failure


def test_each_row_of_the_scoreboard_lies_on_its_own_scale(market, compared):
    own = thesis.load("operators")
    other = own.model_copy(update={"id": "other", "scales": {own.claim.scale: own.scale.model_copy(
        update={"bands": (own.scale.bands[0].model_copy(update={"lower": 0.3}),
                          own.scale.bands[-1])})}})  # fmt: skip
    board = thesis.compare([own, other], market, as_of="2026-04-30")
    layout = thesis.figures.scoreboard(board).to_plotly_json()["layout"]

    edges = {
        (shape["y0"], shape["y1"], shape["x0"])
        for shape in layout["shapes"]
        if shape["type"] == "line" and shape["line"]["color"] == colour("muted") and shape["x0"]
    }
    assert {(-1.5, 0.5, 0.15), (-1.5, 0.5, 0.05), (-1.5, 0.5, -0.05), (0.5, 1.5, 0.3)} == edges
    assert "N" not in {note["text"] for note in layout["annotations"]}


@pytest.mark.parametrize("kind", ["contributions", "surface", "bridge", "timeline", "fan"])
def test_a_call_without_names_has_no_figure_of_names(weighed, kind):
    with pytest.raises(thesis.UsageError, match=r"computer .*no names"):
        getattr(thesis.figures, kind)(weighed("computer"))
    with pytest.raises(thesis.UsageError, match=r"computer .*未点名个股"):
        getattr(thesis.figures, kind)(weighed("computer"), lang="zh")


def test_before_the_entry_nothing_is_drawn(market):
    result = thesis.backtest("media_ai", market, as_of="2024-10-13")

    for kind in ("path", "contributions", "surface", "bridge", "timeline"):
        with pytest.raises(thesis.UsageError, match=r"media_ai has no .* to draw: "):
            getattr(thesis.figures, kind)(result)


def test_before_the_windows_end_what_is_known_is_drawn(market):
    result = thesis.backtest("media_ai", market, as_of="2024-12-02")
    figure = thesis.figures.path(result).to_plotly_json()
    rows = result.to_dict()["path"]

    (line,) = of_role(figure, "basket")
    assert [row["basket"] for row in rows] == line["y"][60:]
    assert "so far" in figure["layout"]["meta"]["description"]
    assert not [t for t in traces(figure) if t["name"].startswith("Mean")]
    assert 126 < figure["layout"]["xaxis"]["range"][1]
    with pytest.raises(thesis.UsageError, match="the window ends on 2025-04-11"):
        thesis.figures.contributions(result)


def test_the_fan_asks_for_the_evidence_where_there_is_none(market):
    result = thesis.backtest("media_ai", market, as_of="2026-04-30")

    with pytest.raises(thesis.UsageError, match=r'thesis\.evidence\("media_ai"\)'):
        thesis.figures.fan(result)


def test_a_pool_that_is_none_is_refused(weighed):
    with pytest.raises(thesis.UsageError, match="pool = 'planets': give market, industry"):
        thesis.figures.fan(weighed("media_ai"), pool="planets")


def test_an_empty_comparison_has_no_scoreboard():
    with pytest.raises(thesis.UsageError, match="no thesis to rank"):
        thesis.figures.scoreboard(thesis.Comparison(()))
