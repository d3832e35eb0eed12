"""Figures made by hand, of every means that `thesis.reporting.figures` allows: plain dicts."""

import math
from typing import Any

from thesis.reporting.theme import colour

Figure = dict[str, Any]
STEPS = [f"cell_{at}" for at in range(11)]


def axis(title: str, span: tuple[float, float], ticks: dict[float, str], **more: Any) -> Figure:
    return {
        "title": {"text": title},
        "range": list(span),
        "tickmode": "array",
        "tickvals": list(ticks),
        "ticktext": list(ticks.values()),
        "gridcolor": colour("grid"),
        "zeroline": False,
        **more,
    }


def layout(title: str, simulated: bool = False, **more: Any) -> Figure:
    return {
        "template": {},
        "title": {"text": title},
        "paper_bgcolor": colour("paper"),
        "plot_bgcolor": colour("paper"),
        "showlegend": False,
        "meta": {"simulated": simulated, "description": "A & B: +29.8 points"},
        **more,
    }


def rect(x0: float, x1: float, y0: float, y1: float, role: str, **more: Any) -> Figure:
    return {
        "type": "rect",
        "x0": x0,
        "x1": x1,
        "y0": y0,
        "y1": y1,
        "fillcolor": colour(role),
        "line": {"width": 0},
        "layer": "below",
        **more,
    }


def rule(x0: float, x1: float, y0: float, y1: float, role: str, **more: Any) -> Figure:
    line = {"color": colour(role), "width": 1, **more.pop("line", {})}
    return {"type": "line", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line, **more}


def note(x: float, y: float, text: str, **more: Any) -> Figure:
    return {
        "x": x,
        "y": y,
        "text": text,
        "showarrow": False,
        "font": {"color": colour("ink")},
    } | more


def panels(simulated: bool = False) -> Figure:
    """Two panels with one x: lines with a gap, areas, markers, zones, rules and notes."""
    x = list(range(-60, 127))
    wave = [0.004 * k + 0.08 * math.sin(k / 9) for k in x]
    held: list[float | None] = [
        None if 20 <= k < 27 else v * 0.6 for k, v in zip(x, wave, strict=True)
    ]
    line = {"width": 2, "dash": "solid"}
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": x + x[::-1],
            "y": [v + 0.12 for v in wave] + [v - 0.1 for v in wave[::-1]],
            "fill": "toself",
            "fillcolor": colour("fan_outer"),
            "line": {"width": 0},
            "hoverinfo": "skip",
            "name": "90% of lists",
            "showlegend": True,
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Basket &lt;b&gt;",
            "x": x,
            "y": wave,
            "line": line | {"color": colour("basket")},
            "hovertext": [
                f"day {k}<br>basket {v * 100:+.1f}%" for k, v in zip(x, wave, strict=True)
            ],
            "hoverinfo": "text",
            "showlegend": True,
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Index",
            "x": x,
            "y": held,
            "line": line | {"color": colour("benchmark"), "dash": "dash"},
            "hovertext": [
                f"day {k}<br>index {'unknown' if v is None else f'{v * 100:+.1f}%'}"
                for k, v in zip(x, held, strict=True)
            ],
            "hoverinfo": "text",
            "showlegend": True,
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Weekly",
            "x": x[::7],
            "y": [0.02 * (k % 5) - 0.03 for k in range(len(x[::7]))],
            "yaxis": "y2",
            "line": line | {"color": colour("net"), "dash": "dot"},
            "showlegend": True,
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Low",
            "x": x,
            "y": [v / 3 for v in wave],
            "yaxis": "y2",
            "line": line | {"color": colour("sector"), "width": 1},
            "showlegend": False,
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Months",
            "x": [60, 80, 100, 120],
            "y": [0.2, 0.25, 0.3, 0.35],
            "marker": {
                "color": colour("event"),
                "size": 9,
                "symbol": ["circle", "diamond-open", "triangle-up", "x"],
            },
            "hovertext": [
                "3m: 'met' &lt;5%&gt;",
                "4m",
                "5m",
                "6m",
            ],
            "hoverinfo": "text",
            "showlegend": True,
        },
    ]
    percent = {0.2 * k: f"{20 * k:+d}%" if k else "0%" for k in range(-2, 4)}
    ticks = {k: f"{k:+d}<br>2024-{6 + (k + 60) // 20:02d}" for k in range(-60, 121, 20)}
    return {
        "data": traces,
        "layout": layout(
            "A &lt;call&gt;<br>two panels",
            simulated,
            height=600,
            margin={"t": 60, "b": 60},
            xaxis=axis("Sessions since the entry", (-62, 128), ticks, anchor="y2"),
            yaxis=axis("Return", (-0.5, 0.8), percent, domain=[0.55, 1]),
            yaxis2=axis(
                "Excess", (-0.25, 0.4), {-0.2: "-20", 0: "0", 0.2: "+20"}, domain=[0, 0.45]
            ),
            shapes=[
                rect(-62, 128, 0.15, 0.4, "band_above_2", yref="y2"),
                rect(-62, 128, -0.05, 0.05, "band_middle", yref="y2"),
                rect(60, 120, 0, 1, "grid", yref="paper"),
                rule(0, 0, 0, 1, "event", yref="paper", line={"dash": "dot"}),
                rule(-30, 30, -0.1, 0.5, "loss", line={"width": 1.5}),
            ],
            annotations=[
                note(0, 1, "entry", yref="paper", yanchor="bottom"),
                note(-1, 1, "published", yref="paper", yanchor="bottom"),
                note(1, 0.27, "Buy", xref="paper", yref="y2", xanchor="left", xshift=6),
                note(1, 0, "Neutral", xref="paper", yref="y2", xanchor="left", xshift=6),
            ],
        ),
    }


NAMES = (
    "上海电影 601595 (named)",
    "中文在线 300364",
    "Shanghai Film & Sons, a long name (inferred)",
    "total",
)


def waterfall(simulated: bool = False) -> Figure:
    """Lying bars from a base, with long names of rows."""
    lengths, bases = [0.08, 0.05, -0.03, 0.1], [0.0, 0.08, 0.13, 0.0]
    roles = ["gain", "gain", "loss", "total"]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [0, 1, 2, 3],
        "x": lengths,
        "base": bases,
        "width": 0.7,
        "marker": {"color": [colour(role) for role in roles]},
        "text": [f"{each * 100:+.1f}" for each in lengths],
        "textposition": "outside",
        "hovertext": [
            f"{name.replace('&', '&amp;')}<br>{v:+.2f}"
            for name, v in zip(NAMES, lengths, strict=True)
        ],
        "hoverinfo": "text",
        "showlegend": False,
    }
    names = {at: name.replace("&", "&amp;") for at, name in enumerate(NAMES)}
    return {
        "data": [bars],
        "layout": layout(
            "Where it came from",
            simulated,
            height=320,
            xaxis=axis("points", (-0.02, 0.15), {0: "0", 0.05: "5", 0.1: "10", 0.15: "15"}),
            yaxis=axis("", (3.5, -0.5), names, showgrid=False),
        ),
    }


def columns() -> Figure:
    """Standing bars, up and down, two traces on the same places."""
    bar = {"type": "bar", "x": [1, 2, 3], "showlegend": True, "textposition": "outside"}
    return {
        "data": [
            bar
            | {"name": "wide", "y": [3, -2, 0], "width": 0.6, "marker": {"color": colour("grid")}},
            bar
            | {
                "name": "thin",
                "y": [1, -1, None],
                "width": 0.3,
                "text": ["up", "down", "none"],
                "marker": {"color": colour("net")},
            },
        ],
        "layout": layout(
            "Columns",
            barmode="overlay",
            xaxis=axis("", (0.4, 3.6), {1: "paper", 2: "executable", 3: "net"}),
            yaxis=axis("points", (-3, 4), {-2: "-2", 0: "0", 2: "+2", 4: "+4"}),
        ),
    }


def cells(rows: int = 21, columns: int = 122) -> Figure:
    """A heatmap in eleven steps, with a staircase on it and one unknown cell."""
    z = [
        [20 * math.sin(row / 6 + column / 17) + row / 3 for column in range(columns)]
        for row in range(rows)
    ]
    z[1][2] = math.nan
    scale = [
        pair
        for at, role in enumerate(STEPS)
        for pair in ([at / 11, colour(role)], [(at + 1) / 11, colour(role)])
    ]
    heat = {
        "type": "heatmap",
        "x": [float(column) for column in range(columns)],
        "y": [float(row) for row in range(rows)],
        "z": z,
        "zmin": -27.5,
        "zmax": 27.5,
        "colorscale": scale,
        "showscale": True,
        "colorbar": {
            "title": {"text": "Excess in points"},
            "tickvals": [-27.5, -2.5, 2.5, 27.5],
            "ticktext": ["-27.5", "-2.5", "+2.5", "+27.5"],
        },
        "hovertext": [
            [
                f"entry {row}<br>exit {column}<br>{value:+.1f} points"
                for column, value in enumerate(line)
            ]
            for row, line in enumerate(z)
        ],
        "hoverinfo": "text",
    }
    stairs = {
        "type": "scatter",
        "mode": "lines",
        "x": [-0.5, 40.5, 40.5, columns - 0.5],
        "y": [3.5, 3.5, 9.5, 9.5],
        "line": {"color": colour("ink"), "width": 1},
        "hoverinfo": "skip",
    }
    return {
        "data": [heat, stairs],
        "layout": layout(
            "When to enter, when to leave",
            height=480,
            xaxis=axis(
                "exit",
                (-0.5, columns - 0.5),
                {k: f"{k}<br>2024-12-{k % 28 + 1:02d}" for k in range(0, columns, 10)},
            ),
            yaxis=axis("entry", (rows - 0.5, -0.5), {k: str(k) for k in range(0, rows, 2)}),
        ),
    }


FIGURES = {"panels": panels, "waterfall": waterfall, "columns": columns, "cells": cells}
