"""CSI 300 membership by date, from the package `index-constitution`.

Its tables are pickles inside the installed package, and unpickling can run code: they are trusted
exactly as far as the package's own Python, which runs on import anyway. They are read only by its
public functions and never fetched or unpickled from elsewhere. The membership is as new as the
installed version; newer changes come with `pip install -U index-constitution`. From mid-2017 on it
has 300 members on every day; before, an exit is missing (301 members from August 2006 to December
2014) and one day of 2017 has 299.
"""

from thesis.errors import PricesError
from thesis.market.reference.rows import Row, day_text, plain_name, stock_code

COLUMNS = ("code", "name", "start", "end")


def csi300_members() -> list[Row]:
    """Every membership there has been since 2005: rows of `COLUMNS`, by code and day.

    `start` is the first day in the index and `end` the first day out of it, empty while it lasts.
    A name that left and came back has a row each time. Names are of the package's date.

    Raises
    ------
    PricesError
        If the package has another form.
    """
    import index_constitution

    frame = index_constitution.history("csi300")
    columns = ("symbol", "name", "opt-in", "opt-out")
    if missing := [name for name in columns if name not in frame.columns]:
        raise PricesError(
            f"index-constitution's history of csi300 has no column {', '.join(missing)}; install "
            "a version from 1.0.1 on that thesis knows"
        )
    rows = []
    for symbol, name, first, last in zip(*(frame[c] for c in columns), strict=True):
        code = stock_code(str(symbol)[2:])
        if code is None or not code.endswith(f".{str(symbol)[:2]}"):
            raise PricesError(f"index-constitution: {symbol!r} is no code of an A-share")
        rows.append(
            {
                "code": code,
                "name": plain_name(name),
                "start": day_text(first),
                "end": day_text(last),
            }
        )
    return sorted(rows, key=lambda row: (row["code"], row["start"]))
