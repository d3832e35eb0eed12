"""``thesis review``: industries against the CSI 300, and the movers of one."""

from pathlib import Path
from typing import Annotated

import typer

from thesis.cli.console import (
    command,
    is_plain,
    out_console,
    parse_day,
    progress,
    say_written,
    writable,
    write_json,
)
from thesis.cli.options import AsOf, CsvTo, JsonTo, Lang, Prices, Strategies


def review(
    start: Annotated[
        str, typer.Option("--from", help="Day from whose close returns are taken, as 2024-09-11.")
    ],
    end: Annotated[str, typer.Option("--to", help="Day to whose close they go.")],
    prices: Prices = None,
    base: Annotated[
        str | None,
        typer.Option(help="Day at whose close cumulative returns are 0. Default: that of --from."),
    ] = None,
    industry: Annotated[
        list[str] | None,
        typer.Option(
            help="Show the stocks of this industry that moved most: 801760.SI | media | 传媒; "
            "repeatable. Needs bars of them all."
        ),
    ] = None,
    movers: Annotated[int, typer.Option(help="How many of them, either way.")] = 5,
    lang: Lang = "en",
    as_of: AsOf = None,
    json_to: JsonTo = None,
    csv_to: CsvTo = None,
    html: Annotated[Path | None, typer.Option(help="Write the page of it to a file.")] = None,
    strategies: Strategies = None,
) -> None:
    """Look back at a market: what each Shenwan industry returned, beside the CSI 300."""
    from thesis.reporting.documents.files import page_file
    from thesis.reporting.words.language import language

    spoken = language(lang)
    first, last, since, today = (
        parse_day(option, text)
        for option, text in (("--from", start), ("--to", end), ("--base", base), ("--as-of", as_of))
    )
    writable(json_to, csv_to)
    if html is not None:
        page_file(html)
    with progress() as tell:
        tell("loading the engine")
        from thesis.market_review import review as look_back

        found = look_back(
            first or start, last or end, prices, base=since, industry=industry, movers=movers,
            as_of=today, strategies=strategies, command=command(), progress=tell,
        )  # fmt: skip
    if html is not None:
        found.to_html(html, lang=spoken)
    if json_to is not None:
        write_json(found.to_json(), json_to)
    if csv_to is not None:
        say_written(found.to_csv(csv_to))
    if json_to != "-":
        from thesis.reporting.terminal.review import review_view

        out = out_console()
        out.print(review_view(found, spoken, plain=is_plain(out)))
    if html is not None:
        say_written([html])
