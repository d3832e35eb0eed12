"""A figure that shows itself as a drawing, too, where nothing interactive can be shown."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from thesis.reporting.drawing import standalone


class Shown(go.Figure):  # type: ignore[misc]  # plotly ships no types
    """A plotly figure that a notebook keeps as SVG beside plotly's own form.

    A notebook that is read where there is no plotly, as on a code host, shows the drawing.
    """

    # plotly's own sends its form alone, and a notebook asks for this before all else.
    _ipython_display_ = None

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None, validate: bool = True, **kwargs: Any
    ) -> dict[str, Any]:
        told = super()._repr_mimebundle_(include, exclude, validate, **kwargs)
        forms = dict(told) if isinstance(told, Mapping) else {}
        drawn = self._repr_svg_()
        if drawn is not None:
            forms["image/svg+xml"] = drawn
        return {**forms, "text/plain": repr_of(self)}

    def _repr_svg_(self) -> str | None:
        """The drawing; None once a reader has restyled the figure beyond a drawing's means."""
        try:
            return standalone(self)
        except ValueError:
            return None


def repr_of(figure: go.Figure) -> str:
    """What a figure shows, in a line: plotly's own would print all its data.

    Examples
    --------
    >>> repr_of(Shown(layout={"meta": {"kind": "path", "description": "Two lines."}}))
    '<Figure path: Two lines.>'
    """
    meta = figure.layout.meta or {}
    return f"<Figure {meta.get('kind', '')}: {meta.get('description', '')}>"
