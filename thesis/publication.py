"""The verb that writes pages: ``report``, of one thesis or of all."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from thesis.api import Strategies, compare
from thesis.errors import UsageError
from thesis.examination import evidence, weigh
from thesis.market.prices import Where
from thesis.reporting.comparison import Comparison
from thesis.reporting.words.language import Language, language
from thesis.research.thesis import Thesis
from thesis.scoring.draws import DRAWS, SEED
from thesis.trading.strategy import Strategy

#: The page of all theses, in a folder of pages.
HOME = "index.html"


def report(
    thesis: Thesis | str | os.PathLike[str] | None = None,
    html: str | os.PathLike[str] | None = None,
    prices: Where = None,
    strategy: Strategy | None = None,
    *,
    lang: str | Language = "en",
    draws: int = DRAWS,
    seed: int = SEED,
    as_of: dt.date | str | None = None,
    strategies: Strategies = None,
    progress: Callable[[str], None] | None = None,
    **options: Any,
) -> list[Path]:
    """Backtest a thesis, weigh its verdict and write the page of it; or of every bundled one.

    Parameters
    ----------
    thesis
        A `Thesis`, a name or a path. None: every bundled thesis, a page each, and one of them all.
    html
        The file; of every thesis, the folder. Default: ``NAME.html``, and ``report``, here.
    lang
        ``en`` or ``zh``.
    prices, strategy, draws, seed, as_of, strategies, options
        As for `thesis.evidence`.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    UsageError
        If a file cannot be written, or `lang` is neither.
    ThesisFileError, PricesError, VerificationError
        As `thesis.evidence`. Of every thesis, one that fails stands on the page of all, with its
        reason.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in report(
    ...         "optical_module", f"{folder}/page.html", "sample", draws=100)]
    ['page.html']
    """
    spoken = language(lang)
    if thesis is None:
        found = compare(
            None, prices, strategy, as_of=as_of, strategies=strategies, progress=progress, **options
        )
        found = weigh(found, prices, draws=draws, seed=seed, progress=progress)
        return write_pages(found, html or "report", spoken)
    result = evidence(
        thesis, prices, strategy, draws=draws, seed=seed, as_of=as_of, strategies=strategies,
        progress=progress, **options,
    )  # fmt: skip
    path = Path(html or f"{result.thesis.id}.html")
    result.to_html(path, lang=spoken)
    return [path]


def write_pages(
    found: Comparison,
    folder: str | os.PathLike[str],
    lang: Language,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """A page a result into a folder, and ``index.html`` of them all.

    Raises
    ------
    UsageError
        If the folder cannot be made or written.
    """
    where = Path(folder)
    try:
        where.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{where} cannot be made: {error.strerror}; give a folder") from None
    pages = {}
    for result in found.results:
        name = result.thesis.id
        if progress is not None:
            progress(f"the page of {name}")
        pages[name] = f"{name}.html"
        result.to_html(where / pages[name], lang=lang, home=HOME)
    found.to_html(where / HOME, lang=lang, pages=pages)
    return [where / HOME, *(where / page for page in pages.values())]
