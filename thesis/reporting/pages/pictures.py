"""The figures of a page, drawn; one that cannot be had says why in its place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thesis.errors import UsageError
from thesis.reporting import figures
from thesis.reporting.drawing import draw_both, lone
from thesis.reporting.pages.blocks import Block, Line, Lines, Picture
from thesis.reporting.words.language import Language

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Pictures:
    """Draws the figures of one subject in one language.

    Attributes
    ----------
    subject
        What the figures are of: a result, a comparison or a review.
    on_page
        Whether they are for a page of their own. Others share theirs, as a notebook's do: their
        names must differ, and no script reads what a pointer would.
    """

    subject: Any
    lang: Language
    on_page: bool = True

    def draw(self, kind: str, *notes: str, **options: Any) -> Block:
        """A figure as a picture, or why there is none.

        Parameters
        ----------
        kind
            A function of `thesis.reporting.figures`.
        notes
            What a reader must know of it.
        """
        make: Callable[..., go.Figure] = getattr(figures, kind)
        try:
            figure = make(self.subject, lang=self.lang, **options)
        except UsageError as why:
            text = self.lang.say("page.no_picture", why=str(why))
            return Lines((Line(text, tone="quiet"),))
        name = "-".join([kind, *map(str, options.values())])
        if not self.on_page:
            return Picture(lone(figure)[0], None, notes)
        wide, narrow = draw_both(figure, name)
        return Picture(wide, narrow, notes)
