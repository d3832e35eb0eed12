"""A witness: the bars of another source, to hold what is stored against. Nothing is stored."""

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from thesis.errors import PricesError, UsageError
from thesis.market.delivery import Delivery
from thesis.market.enquiry import Enquiry
from thesis.market.importing import deliver
from thesis.market.reference.dividends import Dividends
from thesis.market.sources.source import Source, find_sources, source_names
from thesis.market.storage.merge import merge

Days = tuple[dt.date, dt.date]


@dataclass(frozen=True, eq=False)
class Witness:
    """What another source tells of some codes.

    Attributes
    ----------
    origin
        Who it is, in words.
    bars
        By code, in the bars schema.
    silent
        Codes it does not have, and why that was known without asking anyone.
    failed
        Codes it was asked for and did not deliver, and why.
    sources
        Who the bars of each code are from.
    """

    origin: str
    bars: Mapping[str, pd.DataFrame]
    silent: Mapping[str, str]
    failed: Mapping[str, str]
    sources: Mapping[str, str]


def call_witness(
    against: str | os.PathLike[str],
    spans: Mapping[str, Days],
    tell: Callable[[str, str], None] = lambda code, what: None,
) -> Witness:
    """The bars of some codes from files, or from a source that is asked now.

    Parameters
    ----------
    against
        A Parquet or CSV file or a folder of them, which goes first; the name of installed sources,
        as ``akshare``; or one vendor's, as ``sina``.
    spans
        By code, the first and last day wanted.
    tell
        Told a code and who is asked, before each question.

    Raises
    ------
    UsageError
        If there is neither such a path nor such a source.
    PricesError
        If the files cannot be read, or the prices are the simulated sample's.
    """
    path = Path(against)
    if path.exists():
        return _read(path, sorted(spans))
    return _asked(str(against), _sources(str(against)), spans, tell)


def _read(path: Path, codes: Sequence[str]) -> Witness:
    deliveries, cautions = deliver(path, codes)
    bars = {delivery.code: _frame(delivery) for delivery in deliveries}
    refused = [c.message.partition(": ")[2] for c in cautions if c.code == "not_imported"]
    silent = {
        code: next((text for text in refused if code in text), f"{path} has no bars of {code}")
        for code in codes
        if code not in bars
    }
    return Witness(str(path), bars, silent, {}, {d.code: d.source for d in deliveries})


def _asked(
    name: str,
    sources: Sequence[Source],
    spans: Mapping[str, Days],
    tell: Callable[[str, str], None],
) -> Witness:
    # Raw bars of a vendor without factors are read with factors computed from dividends.
    without = not any(source.capabilities.factors for source in sources)
    enquiry = Enquiry(sources, actions=Dividends() if without else None, tell=tell)
    bars: dict[str, pd.DataFrame] = {}
    silent: dict[str, str] = {}
    failed: dict[str, str] = {}
    who: dict[str, str] = {}
    for code, (first, last) in spans.items():
        if not any(source.capabilities.serves(code) for source in sources):
            silent[code] = f"{name} does not serve {code}"
            continue
        try:
            delivery = enquiry.deliver(code, first, last).delivery
            bars[code] = _frame(delivery)
        except PricesError as error:
            failed[code] = "; ".join(str(error).splitlines())
        else:
            who[code] = delivery.source
    return Witness(name, bars, silent, failed, who)


def _sources(name: str) -> Sequence[Source]:
    if name in ("store", "sample"):
        why = {
            "store": "the store is what is checked",
            "sample": "the sample's prices are simulated, so the store cannot agree with them",
        }[name]
        raise UsageError(f"--against {name}: {why}; give a file, a folder or a source")
    names = [known for known in source_names() if known != "sample"]
    if name in names:
        return find_sources(name)
    vendors = {source.name: source for source in find_sources("auto")}
    if name in vendors:
        return (vendors[name],)
    known = sorted({*names, *vendors})
    raise UsageError(
        f"--against {name}: there is no such file or folder, and no source of that name; the "
        f"sources are {', '.join(known)}"
    )


def _frame(delivery: Delivery) -> pd.DataFrame:
    """The bars as they would be stored."""
    return merge(None, delivery)[0].frame()
