"""``thesis report``: a result as a page to send to others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thesis.cli.console import (
    command,
    is_plain,
    out_console,
    parse_day,
    progress,
    say_written,
    writable,
)
from thesis.cli.options import (
    EvidenceOptions,
    Lang,
    Prices,
    RunOptions,
    StrategyOptions,
    spread,
)
from thesis.cli.runs import examined, refuse_unscorable, write_files
from thesis.cli.theses import load
from thesis.errors import UsageError

if TYPE_CHECKING:
    from thesis.reporting.comparison import Comparison
    from thesis.reporting.words.language import Language


@spread
def report(
    name: Annotated[str | None, typer.Argument(help="Name or path of a thesis.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every bundled thesis: a page each, and one of them all.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(
            help="The file; with --all the folder. Default: NAME.html (NAME.zh.html), and report."
        ),
    ] = None,
    lang: Lang = "en",
    prices: Prices = None,
    *,
    how: StrategyOptions,
    what: RunOptions,
    luck: EvidenceOptions,
) -> None:
    """Write a page: one file that needs nothing else, to be read offline, on a phone, on paper."""
    from thesis.reporting.documents.files import page_file
    from thesis.reporting.words.language import language

    spoken = language(lang)
    if (name is None) != every:
        raise UsageError(
            "thesis report: give the name of a thesis, as thesis report media_ai, or --all"
        )
    if every:
        _report_all(html or Path("report"), lang, prices, how, what, luck)
        return
    called = load(str(name), what.strategies).id
    path = page_file(html or Path(f"{called}.html" if lang == "en" else f"{called}.{lang}.html"))
    result = examined(str(name), prices, how, what, luck)
    with progress() as tell:
        tell("drawing the page")
        result.to_html(path, lang=spoken)
    if write_files(result, what):
        from thesis.reporting.words.verdict import verdict_sentence

        out_console().print(verdict_sentence(result.score, lang=spoken), markup=False)
    say_written([path])
    refuse_unscorable(result)


def _report_all(
    folder: Path,
    lang: str,
    prices: str | None,
    how: StrategyOptions,
    what: RunOptions,
    luck: EvidenceOptions,
) -> None:
    from thesis.publication import pages_folder
    from thesis.research.catalog import Catalog

    theses = [load(name, what.strategies) for name in Catalog.default(what.strategies).bundled()]
    today, draws = parse_day("--as-of", what.as_of), luck.checked_draws()
    writable(what.json_to, what.csv_to)
    pages_folder(folder)
    with progress() as tell:
        tell("loading the engine")
        from thesis.api import compare
        from thesis.examination import weigh
        from thesis.publication import write_pages
        from thesis.reporting.words.language import language

        found = compare(
            theses, prices, progress=tell, basis=what.basis, as_of=today, command=command(),
            **how.by_name(),
        )  # fmt: skip
        found = weigh(found, draws=draws, seed=luck.seed, progress=tell)
        spoken = language(lang)
        written = write_pages(found, folder, spoken, tell)
    _deliver(found, what, spoken)
    say_written(written)
    if found.failures:
        raise typer.Exit(max(failure.exit_code for failure in found.failures))


def _deliver(found: "Comparison", what: RunOptions, spoken: "Language") -> None:
    """The files and the table that were asked for beside the pages."""
    from thesis.cli.console import write_json
    from thesis.reporting.terminal.comparison import comparison_view
    from thesis.reporting.words.language import ENGLISH
    from thesis.reporting.words.verdict import verdict_sentence

    if what.json_to is not None:
        write_json(found.to_json(), what.json_to)
    if what.csv_to is not None:
        say_written(found.to_csv(what.csv_to))
    if what.json_to == "-":
        return
    out = out_console()
    if spoken == ENGLISH:
        out.print(comparison_view(found, plain=is_plain(out)))
        return
    for result in found.results:  # the table speaks English alone
        told = verdict_sentence(result.score, lang=spoken)
        out.print(f"{result.thesis.id}  {told}", markup=False, highlight=False)
