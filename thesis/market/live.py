"""Live prices, asked for by a source's name: ``--prices akshare``. Nothing is stored."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from thesis.errors import Caution, PricesError, UsageError
from thesis.market.delivery import Delivery, factors_on
from thesis.market.enquiry import Enquiry
from thesis.market.fetching import gaps, last_complete_session
from thesis.market.panel import PricePanel
from thesis.market.reference.dividends import Dividends
from thesis.market.sources.source import find_sources
from thesis.market.storage.holding import days_of
from thesis.research.security import parse_security


def read_live(name: str, codes: Iterable[str] | None, start: dt.date | None) -> PricePanel:
    """Ask the sources of a name for the bars of codes.

    Parameters
    ----------
    codes
        A source is never asked for everything: None is refused.
    start
        First day; None asks from 2005 on, when the CSI 300 begins.

    Raises
    ------
    PricesError
        If not one code can be had; the text says why, for each.
    UsageError
        If no codes are named, or the name's package cannot be loaded.
    """
    if codes is None:
        raise UsageError(
            f"prices {name!r}: a live source is asked for codes; name them, or fetch into the store"
        )
    sources = find_sources(name)
    asked = any(source.capabilities.live for source in sources)
    enquiry = Enquiry(sources, actions=Dividends() if asked else None)
    first, last = start or dt.date(2005, 1, 4), last_complete_session()
    frames, cautions, failures = [], [], []
    for code in dict.fromkeys(codes):
        try:
            answer = enquiry.deliver(code, first, last)
        except PricesError as error:
            failures.append(str(error))
            continue
        frames.append(_frame(answer.delivery))
        cautions += [Caution("source", problem) for problem in answer.problems]
        cautions += [*answer.findings, *_holes(answer.delivery)]
    if not frames:
        raise PricesError(f"{name} delivered nothing:\n" + "\n".join(failures))
    simulated = any(getattr(source, "simulated", False) for source in sources)
    panel = PricePanel.from_frame(
        pd.concat(frames, ignore_index=True),
        origin=f"{name}, asked on {dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC, not stored",
        simulated=simulated,
    )
    missing = [Caution("no_bars", failure.replace("\n", "; ")) for failure in failures]
    return replace(panel, cautions=(*panel.cautions, *cautions, *missing))


def _holes(delivery: Delivery) -> list[Caution]:
    """Sessions without a bar: nobody was asked whether a suspension was announced."""
    runs = gaps(delivery.code, days_of(delivery.bars))
    if not runs or parse_security(delivery.code).is_index:
        return []
    count = sum(run.end >= run.start for run in runs)
    return [
        Caution(
            "gap_unconfirmed",
            f"{delivery.code}: no bar {runs[0].start} to {runs[0].end}, and {count - 1} more such "
            "gaps; taken as suspended, which was not confirmed",
        )
    ]


def _frame(delivery: Delivery) -> pd.DataFrame:
    frame = delivery.bars.assign(code=delivery.code)
    if parse_security(delivery.code).is_index or delivery.events is None:
        return frame
    factor, share_factor = factors_on(days_of(delivery.bars), delivery.events)
    return frame.assign(factor=factor, share_factor=share_factor)
