"""The verb that writes pages: ``report``, of one thesis or of all."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from thesis.api import Strategies, compare, load
from thesis.errors import UsageError
from thesis.examination import evidence, weigh
from thesis.market.benchmark import Basis
from thesis.market.prices import Where
from thesis.reporting.comparison import Comparison
from thesis.reporting.documents.files import page_file
from thesis.reporting.words.language import ENGLISH, Language, language
from thesis.research.thesis import Thesis
from thesis.scoring.draws import DRAWS, SEED
from thesis.trading.strategy import Strategy

#: The page of all theses, in a folder of pages.
HOME = "index.html"
#: What our own pages say of themselves.
MADE = '<meta name="generator" content="thesis'


def report(
    thesis: Thesis | str | os.PathLike[str] | None = None,
    prices: Where = None,
    strategy: Strategy | None = None,
    *,
    html: str | os.PathLike[str] | None = None,
    lang: str | Language = "en",
    draws: int = DRAWS,
    seed: int = SEED,
    basis: Basis = "total",
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
    prices, strategy, draws, seed, basis, as_of, strategies, options
        As for `thesis.evidence`.
    html
        The file; of every thesis, the folder. Default: ``NAME.html`` or
        ``NAME.zh.html``, and ``report``, here.
    lang
        ``en`` or ``zh``.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    UsageError
        If `html` is no page's, or cannot be written, or `lang` is neither: said before the work.
    ThesisFileError, PricesError, VerificationError
        As `thesis.evidence`. Of every thesis, one that fails stands on the page of all, with its
        reason.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in report(
    ...         "optical_module", "sample", html=f"{folder}/page.html", draws=100)]
    ['page.html']
    """
    spoken = language(lang)
    if thesis is None:
        folder = pages_folder(Path("report" if html is None else html))
        found = compare(
            None, prices, strategy, basis=basis, as_of=as_of, strategies=strategies,
            progress=progress, **options,
        )  # fmt: skip
        found = weigh(found, draws=draws, seed=seed, progress=progress)
        return write_pages(found, folder, spoken)
    called = thesis if isinstance(thesis, Thesis) else load(thesis, strategies=strategies)
    name = called.id if spoken == ENGLISH else f"{called.id}.{spoken.code}"
    path = page_file(Path(f"{name}.html" if html is None else html))
    result = evidence(
        called, prices, strategy, draws=draws, seed=seed, basis=basis, as_of=as_of,
        progress=progress, **options,
    )  # fmt: skip
    result.to_html(path, lang=spoken)
    return [path]


def pages_folder(folder: Path) -> Path:
    """A folder that pages may be written to, made if need be.

    Raises
    ------
    UsageError
        If it is a file, cannot be made, or holds an ``index.html`` that is not ours.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"html {folder}: it is a file; for all theses give a folder")
    home = folder / HOME
    if home.exists() and MADE not in home.read_text(encoding="utf-8", errors="replace"):
        raise UsageError(
            f"html {folder}: its {HOME} is no page of thesis and would be lost; give another folder"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"html {folder}: it cannot be made: {error.strerror}") from None
    return folder


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
    where = pages_folder(Path(folder))
    if any(f"{result.thesis.id}.html" == HOME for result in found.results):
        raise UsageError(f"a thesis has the id index, and {HOME} is the page of all; rename it")
    pages = {}
    for result in found.results:
        name = result.thesis.id
        if progress is not None:
            progress(f"the page of {name}")
        pages[name] = f"{name}.html"
        result.to_html(where / pages[name], lang=lang, home=HOME)
    found.to_html(where / HOME, lang=lang, pages=pages)
    return [where / HOME, *(where / page for page in pages.values())]
