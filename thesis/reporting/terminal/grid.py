"""A table that loses nothing: where a terminal is too narrow for it, its rows become lines."""

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

#: Between two cells of a row that is told in lines.
GAP = "  "


class Grid(Table):
    """A `rich.table.Table` of text that is never cut.

    rich crops what does not fit. This one first sets its columns closer, and where even that is too
    wide tells each row in lines: what the row is of, then each heading with its cell.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for column in self.columns:
            if not column.no_wrap:
                column.overflow = "fold"  # rich's own default drops the end of a long word
        room, usual = options.max_width, self.padding
        if self._least_width(console, options) > room:
            self.padding = (0, 1, 0, 0)
        try:
            if self._least_width(console, options) > room:
                yield from self._in_lines(console, room)
            else:
                yield from super().__rich_console__(console, options)
        finally:
            self.padding = usual

    def _least_width(self, console: Console, options: ConsoleOptions) -> int:
        """The width under which something would be cut."""
        wide = options.update_width(10_000)
        columns = sum(
            self._least_column(console, wide, column) + self._get_padding_width(at)
            for at, column in enumerate(self.columns)
        )
        return columns + self._extra_width

    def _least_column(self, console: Console, wide: ConsoleOptions, column: Column) -> int:
        cells = [Measurement.get(console, wide, each) for each in (column.header, *column.cells)]
        widths = [each.maximum if column.no_wrap else each.minimum for each in cells]
        return max([column.min_width or 1, *widths])

    def _in_lines(self, console: Console, room: int) -> Iterator[RenderableType]:
        if self.title:
            yield _as_text(self.title, console, "bold")
        columns = [list(column.cells) for column in self.columns]
        first = self._labels()
        for at, row in enumerate(self.rows):
            cells = [_as_text(cells[at], console) for cells in columns]
            label = Text(GAP).join(cell for cell in cells[:first] if cell.plain)
            pairs = [
                Text.assemble(_heading(column, console), cell)
                for column, cell in zip(self.columns[first:], cells[first:], strict=True)
                if cell.plain
            ]
            label.stylize(row.style or "")
            if label.plain:
                yield label
            for line in _packed(pairs, room - 2):
                yield Padding(line, (0, 0, 0, 2), style=row.style or "")
        if self.caption:
            yield _as_text(self.caption, console)

    def _labels(self) -> int:
        """How many columns say what a row is of: those before the first number, or one."""
        right = [at for at, column in enumerate(self.columns) if column.justify == "right"]
        return max(1, right[0] if right else 1)


def rows_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, plain: bool
) -> RenderableType:
    """A table of text whose last column wraps."""
    table = Grid(box=None if plain else box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=heading != headings[-1])
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def titled_table(title: str, plain: bool) -> Table:
    """An empty table under its title; `plain` without rules, as for a pipe."""
    return Grid(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None if plain else box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )


def _heading(column: Column, console: Console) -> Text:
    """A heading before its cell: ``mean `` before a number, ``reason: `` before words."""
    heading = _as_text(column.header, console)
    return heading.append(" " if column.justify == "right" else ": ") if heading.plain else heading


def _packed(parts: Sequence[Text], room: int) -> Iterator[Text]:
    """Parts in as few lines as hold them whole; one that is wider than a line has its own."""
    line = Text()
    for part in parts:
        if line.plain and cell_len(line.plain) + len(GAP) + cell_len(part.plain) > room:
            yield line
            line = Text()
        line = Text.assemble(line, GAP if line.plain else "", part)
    if line.plain:
        yield line


def _as_text(cell: RenderableType, console: Console, style: str = "") -> Text:
    """A cell as text: a string may hold markup, as anywhere in rich."""
    text = cell.copy() if isinstance(cell, Text) else console.render_str(str(cell))
    text.stylize(style)
    return text
