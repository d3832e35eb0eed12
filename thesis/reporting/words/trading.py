"""How a basket was traded, in words: stages, strategy, waits and capacity."""

from collections.abc import Iterator, Sequence

from thesis.market.calendar import session_after
from thesis.reporting.backtest import Backtest
from thesis.reporting.words.language import ENGLISH, Language
from thesis.reporting.words.reasons import reason_words
from thesis.reporting.words.settings import chosen_word
from thesis.reporting.words.terms import band_name, points
from thesis.scoring.reading import HEADLINE, Reading
from thesis.trading.conditions import NO_BAR
from thesis.trading.orders import Wait
from thesis.trading.strategy import Strategy

#: What planning says of an order that cannot be filled, by the phrase that says it.
WAIT_KINDS = {"no_bar": NO_BAR, "at_upper": "at its upper limit", "at_lower": "at its lower limit"}


def stages(result: Backtest, lang: Language = ENGLISH) -> Iterator[tuple[str, Reading | None, str]]:
    """Each stage of the bridge: its name, its reading, and what it adds to the one before."""
    traded, paper, how = result.score.traded, result.paper, result.score.case.strategy
    if traded is None or paper is None:
        return
    yield "paper", paper.headline, lang.say("stage.paper_is")
    managed = [
        lang.say("stage.rebalancing", how=lang.say(f"every.{how.rebalance}"))
        if how.rebalance != "none"
        else "",
        lang.say("stage.exit", how=chosen_word("exit", how.exit_name, lang))
        if how.exit_name != "horizon"
        else "",
        lang.say("stage.cash") if how.cash == "benchmark" else "",
    ]
    if any(managed):
        told = lang.say("stage.frictionless_is", what=_joined(managed, lang))
        yield "frictionless", traded.frictionless[HEADLINE], told
    rules = [
        lang.say("stage.lots") if how.lots == "exchange" else "",
        lang.say("stage.suspensions"),
        lang.say("stage.limits" if how.limits == "exchange" else "stage.no_limits"),
    ]
    yield "executable", traded.executable[HEADLINE], _joined(rules, lang)
    fees = [
        lang.say("stage.fees"),
        lang.say("stage.dividend_tax") if how.dividend_tax != "none" else "",
    ]
    told = _joined(fees, lang) if how.costs != "none" else lang.say("stage.no_fees")
    yield "net", traded.leg.headline, told


def how_words(result: Backtest, lang: Language = ENGLISH) -> str:
    """The strategy in one sentence, and how much of its capital was put to work."""
    traded = result.score.traded
    if traded is None:
        return ""
    plan, how = traded.plan, result.score.case.strategy
    traded_for = {order.session for order in plan.orders if order.cause == "rebalance"}
    turned = sum(session in traded_for for session in plan.rebalances)
    rebalanced = (
        lang.say(
            "strategy.rebalanced",
            count=_counted(len(plan.rebalances), "rebalance", lang),
            turned=str(turned),
        )
        if how.rebalance != "none"
        else ""
    )
    waits, runs = len(plan.waits), len(wait_runs(plan.waits))
    waited = (
        lang.say(
            "strategy.waited",
            runs=_counted(runs, "wait", lang),
            sessions=_counted(waits, "session", lang),
        )
        if runs
        else lang.say("strategy.no_wait")
    )
    return lang.say(
        "strategy.how",
        capital=f"{plan.capital:,.0f}",
        strategy=strategy_words(how, lang),
        orders=_counted(len(plan.orders), "order", lang),
        waits=waited,
        invested=f"{plan.spent / plan.capital:.1%}",
        rebalances=rebalanced,
    )


def strategy_words(how: Strategy, lang: Language = ENGLISH) -> str:
    """What a strategy does, where it is not the default, in a few words."""
    plain = how.weights_name == "equal"
    parts = [
        lang.say("strategy.equal")
        if plain
        else lang.say("strategy.weights", how=chosen_word("weights", how.weights_name, lang)),
        lang.say("strategy.rebalancing", how=lang.say(f"every.{how.rebalance}"))
        if how.rebalance != "none"
        else "",
        lang.say("strategy.exit", how=chosen_word("exit", how.exit_name, lang))
        if how.exit_name != "horizon"
        else "",
        lang.say("strategy.cash") if how.cash == "benchmark" else "",
        lang.say("strategy.dividend_tax") if how.dividend_tax != "none" else "",
        lang.say("strategy.no_limits") if how.limits == "none" else "",
        lang.say("strategy.no_fees") if how.costs == "none" else "",
        lang.say("strategy.fractions") if how.lots == "fractional" else "",
    ]
    return _joined(parts, lang)


def capacity_words(result: Backtest, lang: Language = ENGLISH) -> list[str]:
    """How large the strategy can grow before its size eats its rating, in a sentence."""
    traded, thesis = result.score.traded, result.thesis
    found = traded.capacity if traded is not None else None
    if found is None:
        return []
    if found.capital is None or found.excess is None:
        called = {band.name: band_name(thesis, band.id, lang) for band in thesis.scale.bands}
        why = reason_words(found.reason or "", lang, called)
        return [lang.say("capacity.none", why=why)]
    first = found.first_limited
    limited = (
        lang.say("capacity.limited", amount=short_amount(first.capital, lang), code=first.code)
        if first is not None
        else ""
    )
    told = lang.say(
        "capacity.told",
        rating=band_name(thesis, found.rating, lang=lang),
        amount=short_amount(found.capital, lang),
        part=f"{found.participation:.0%}",
        constant=f"{found.constant:g}",
        limited=limited,
        excess=points(found.excess),
    )
    return [told]


def short_amount(amount: float, lang: Language = ENGLISH) -> str:
    """An amount of money in few digits: millions or billions, or their Chinese like.

    Examples
    --------
    >>> short_amount(5_881_912_225.0), short_amount(72_580_449.0)
    ('5.9 billion', '73 million')
    >>> short_amount(5_881_912_225.0, Language("zh")), short_amount(72_580_449.0, Language("zh"))
    ('59 亿', '7,300 万')
    """
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if amount >= size:
            digits = 0 if amount >= 9.95 * size else 1
            if lang.code == "zh":  # the same digits, in the units of Chinese
                return _in_chinese(round(amount / size, digits) * size)
            return f"{amount / size:.{digits}f} {name}"
    return f"{amount:,.0f}"


def _in_chinese(amount: float) -> str:
    size, name = next(
        each for each in ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")) if amount >= each[0]
    )
    return f"{round(amount / size, 2):,g} {name}"


def side_word(side: str, lang: Language = ENGLISH) -> str:
    """``buy`` or ``sell``."""
    return lang.say(f"order.{side}")


def cause_word(cause: str, lang: Language = ENGLISH) -> str:
    """What an order was for."""
    return lang.say(f"order.{cause}")


def wait_runs(waits: Sequence[Wait]) -> list[list[Wait]]:
    """Waits of one code, side and kind of reason on consecutive sessions, together."""
    runs: list[list[Wait]] = []
    for wait in sorted(waits, key=lambda w: (w.code, w.side, kind_of_wait(w.reason), w.session)):
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and (last.code, last.side, kind_of_wait(last.reason))
            == (wait.code, wait.side, kind_of_wait(wait.reason))
            and session_after(last.session) == wait.session
        ):
            runs[-1].append(wait)
        else:
            runs.append([wait])
    return sorted(runs, key=lambda run: (run[0].session, run[0].code))


def kind_of_wait(reason: str) -> str:
    """A reason without its price, which differs from session to session."""
    return reason.partition(", CNY")[0]


def wait_words(run: Sequence[Wait], lang: Language = ENGLISH) -> str:
    """Why an order waited: with the price where it waited one session, else the kind of reason."""
    first = run[0]
    if lang == ENGLISH:
        return first.reason if len(run) == 1 else kind_of_wait(first.reason)
    kind, _, price = first.reason.partition(", CNY ")
    key = next((key for key, words in WAIT_KINDS.items() if words == kind), None)
    told = lang.say(f"wait.{key}") if key is not None else reason_words(kind, lang)
    return f"{told}（{price} 元）" if price and len(run) == 1 else told


def _joined(parts: Sequence[str], lang: Language) -> str:
    return ("，" if lang.code == "zh" else ", ").join(part for part in parts if part)


def _counted(number: int, noun: str, lang: Language) -> str:
    if number == 1:
        return lang.say(f"strategy.one_{noun}")
    return lang.say(f"strategy.many_{noun}s", count=str(number))
