"""What the fakes of vendors' hosts share: a market, what they leave out, and a new form."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd
from fakes.books import books


@dataclass
class Vendor:
    """A host of a vendor that knows a market; each says what it calls a stock and an index.

    Attributes
    ----------
    bars, index
        What it knows of stocks and of indices, in the bars schema.
    missing
        Codes it does not know, though it should.
    changed
        Whether it answers in a new form.
    """

    bars: pd.DataFrame
    index: pd.DataFrame
    missing: Collection[str] = ()
    changed: bool = False
    _made: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    @staticmethod
    def stock(code: str) -> str | None:
        """Its name of a stock; None for one that it does not serve."""

    @staticmethod
    def level(code: str) -> str | None:
        """Its name of an index; None for one that it does not serve."""

    @cached_property
    def stocks(self) -> dict[str, pd.DataFrame]:
        """Bars by its own names."""
        return books(self.bars, self.stock, self.missing)

    @cached_property
    def indices(self) -> dict[str, pd.DataFrame]:
        """Levels by its own names."""
        return books(self.index, self.level, self.missing)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What is made for a name when it is first asked for: packing bars takes its time."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]
