"""The evidence on a page: how easily the rating comes, and who else earned it."""

from collections.abc import Iterator

from thesis.reporting.backtest import Backtest
from thesis.reporting.pages.blocks import Block, Cell, Column, Line, Lines, Section, Sheet
from thesis.reporting.pages.cells import NOTHING, day, days, in_percent, in_points, words
from thesis.reporting.pages.pictures import Pictures
from thesis.reporting.pages.verdict import cautions_told
from thesis.reporting.words.evidence import window_words
from thesis.reporting.words.language import Language
from thesis.reporting.words.placebo import (
    claims_a_fall,
    moment_words,
    p_words,
    share_words,
    standing,
)
from thesis.reporting.words.reasons import reason_words
from thesis.reporting.words.terms import (
    band_name,
    index_name,
    percent,
    points,
    reading_keys,
    reading_name,
)
from thesis.scoring.attribution import Attribution
from thesis.scoring.cross_section import Statistic
from thesis.scoring.evidence import Evidence
from thesis.scoring.names import ByReading
from thesis.scoring.placebo import Placebo
from thesis.scoring.reading import HEADLINE


def evidence_section(result: Backtest, lang: Language, pictures: Pictures) -> Section | None:
    """What was looked for behind the verdict; None where nothing was."""
    found = result.evidence
    if found is None:
        return None
    blocks: list[Block] = []
    if result.thesis.codes:
        note = "page.fan_note" if len(strata_of(found)) < 2 else "page.fan_note_mixed"
        blocks.append(pictures.draw("fan", lang.say(note)))
    blocks += [*_placebo(result, found, lang), *_chance(result, found, lang)]
    blocks += [*_attribution(result, found, lang), *_events(result, found, lang)]
    told = [each for each in found.cautions if each.code != "pool_small"]  # that leads the page
    lines = [
        Line(f"{gloss} {line.text}", line.lang, "quiet")
        for gloss, line in cautions_told(told, lang)
    ]
    if lines:
        blocks.append(Lines(tuple(lines)))
    return Section("evidence", lang.say("page.evidence"), tuple(blocks))


def strata_of(found: Evidence) -> tuple[str, ...]:
    """The industries that random lists of the names' own are drawn from."""
    pool = found.placebo.pools["industry"] if found.placebo is not None else None
    return tuple(each.label for each in pool.strata) if pool is not None else ()


def unknown(key: str, reason: str | None, lang: Language) -> Lines:
    """That a part is not known, and why."""
    why = reason_words(reason or "", lang=lang)
    return Lines((Line(lang.say("page.none", part=lang.say(key), why=why), tone="quiet"),))


def _placebo(result: Backtest, found: Evidence, lang: Language) -> Iterator[Block]:
    thesis = result.thesis
    if result.score.open_window and thesis.codes:
        to_come = lang.say("page.placebo_open", end=str(result.score.when.end or "-"))
        yield Lines((Line(to_come, tone="quiet"),))
        return
    if found.placebo is None:
        if thesis.codes:
            yield unknown("page.placebo", found.reasons.get("placebo"), lang)
        return
    pools, bands = found.placebo.pools, thesis.scale.bands
    if not any((pool.readings or {}).get(HEADLINE) for pool in pools.values()):
        leg = result.score.primary
        silent = [pool.reason for pool in pools.values() if pool.reason is not None]
        why = leg.verdict.reason if leg is not None else None
        yield unknown("page.placebo", next(iter(silent), why), lang)
        return
    falls = claims_a_fall(result)
    notes = [lang.say("page.placebo_note_fall" if falls else "page.placebo_note")]
    notes += [
        f"{lang.say(f'pool.{key}')}: {reason_words(pool.reason, lang=lang)}"
        for key, pool in pools.items()
        if pool.reason is not None
    ]
    if any(pool.nearly_identical for pool in pools.values()):
        notes.append(lang.say("page.nearly_identical"))
    lost = found.drawn.survivorship if found.drawn is not None else None
    if lost is not None and lost.at_worst is not None and lost.missing + lost.unusable:
        notes.append(
            lang.say(
                "page.survivorship",
                missing=str(lost.missing),
                unusable=str(lost.unusable),
                day=str(result.score.axis[-1]),
                worst=points(lost.at_worst),
                known=points(lost.equal_weight),
                bent=lang.say("page.p_small" if falls else "page.p_large"),
            )
        )
    yield Sheet(
        lang.say(
            "page.placebo_caption",
            names=str(found.placebo.names),
            when=moment_words(result, lang),
        ),
        (
            Column(lang.say("page.drawn_from")),
            Column(lang.say("page.stocks"), is_number=True),
            Column(lang.say("page.lists"), is_number=True),
            Column(lang.say("page.median"), is_number=True),
            *(Column(band_name(thesis, band.id, lang=lang), is_number=True) for band in bands),
            Column(lang.say("page.did_better" if falls else "page.beaten"), is_number=True),
            Column("p", is_number=True),
        ),
        tuple(_pool(key, pool, result, lang) for key, pool in pools.items()),
        notes=tuple(notes),
    )


def _pool(key: str, pool: Placebo, result: Backtest, lang: Language) -> tuple[Cell, ...]:
    reading, bands = (pool.readings or {}).get(HEADLINE), result.thesis.scale.bands
    mark = "*" if pool.nearly_identical else ""
    title = words(f"{lang.say(f'pool.{key}')}{mark}")
    if reading is None or pool.draws is None:
        return (title, *(NOTHING,) * (5 + len(bands)))
    drawn, (outdone, p) = f"{pool.draws:,}", standing(result, reading)
    return (
        title,
        Cell(f"{pool.stocks:,}", pool.stocks),
        Cell(lang.say("page.all_lists", count=drawn) if pool.exact else drawn, pool.draws),
        in_points(reading.median),
        *(in_percent(reading.shares[band.id], 0) for band in bands),
        Cell(share_words(outdone, lang=lang), outdone),
        Cell(p_words(p), p),
    )


def _chance(result: Backtest, found: Evidence, lang: Language) -> Iterator[Block]:
    if found.chance is None:
        yield unknown("page.chance", found.reasons.get("chance"), lang)
        return
    thesis, rows, notes = result.thesis, [], [lang.say("page.chance_note")]
    for name, worlds in (("paper", found.chance.paper), ("sector", found.chance.sector)):
        for world in worlds:
            when = window_words(world.window, world.last, lang=lang)
            title = lang.say("page.leg_when", leg=lang.say(f"leg.{name}"), when=when)
            reading = (world.readings or {}).get(HEADLINE)
            if reading is None:
                notes.append(f"{title}: {reason_words(world.reason or '', lang=lang)}")
                continue
            rows.append(
                (
                    words(title),
                    in_percent(world.tracking_error),
                    *(in_percent(reading.shares[band.id], 0) for band in thesis.scale.bands),
                    days(world.first, world.last),
                )
            )
    columns = (
        Column(""),
        Column(lang.say("page.tracking_error"), is_number=True),
        *(
            Column(band_name(thesis, band.id, lang=lang), is_number=True)
            for band in thesis.scale.bands
        ),
        Column(lang.say("page.history")),
    )
    yield Sheet(lang.say("page.chance_caption"), columns, tuple(rows), notes=tuple(notes))


def _attribution(result: Backtest, found: Evidence, lang: Language) -> Iterator[Block]:
    parts, keys = found.attribution, reading_keys(result.score)
    if parts is None or parts.industry[HEADLINE] is None:
        reasons = dict(parts.reasons) if parts is not None else dict(found.reasons)
        why = reasons.get("industry") or reasons.get("attribution")
        yield unknown("page.attribution", why, lang)
        return
    sector = index_name(result.thesis.claim.sector_index or "", lang=lang)
    told = [
        (lang.say("page.excess"), parts.excess),
        (lang.say("page.industry_part", index=sector), parts.industry),
    ]
    if result.thesis.codes:
        titles = {s.id: lang.either(s.name, s.name_zh) or s.id for s in result.thesis.segment}
        told.append((lang.say("page.selection_part"), parts.selection))
        told += [
            (lang.say("page.part_of", name=titles[each.id]), each.selection)
            for each in parts.segments
            if each.weight
        ]
        told.append((lang.say("page.dividends_part"), parts.dividends))
        if parts.selection[HEADLINE] is None:  # a name without a share_factor leaves them as one
            told = [*told[:2], (lang.say("page.rest_part"), _rest(parts, keys))]
    why_not = [
        lang.say("page.not_told", why=reason_words(why, lang=lang))
        for part, why in parts.reasons.items()
        if part != "brinson"
    ]
    yield Sheet(
        lang.say("page.attribution_caption"),
        (Column(""), *(Column(reading_name(key, lang=lang), is_number=True) for key in keys)),
        tuple((words(title), *(in_points(each[key]) for key in keys)) for title, each in told),
        notes=tuple(dict.fromkeys(why_not)),
    )


def _rest(parts: Attribution, keys: list[str]) -> ByReading:
    """Names and dividends together: what is left of the excess without the industry."""
    both = {key: (parts.excess[key], parts.industry[key]) for key in keys}
    return {
        key: None if one is None or other is None else one - other
        for key, (one, other) in both.items()
    }


def _events(result: Backtest, found: Evidence, lang: Language) -> Iterator[Block]:
    if not result.thesis.codes:
        return
    events = found.events
    if events is None:
        yield unknown("page.events", found.reasons.get("events"), lang)
        return
    rows, silent = [], dict[str, None]()
    for estimate in events.estimates:
        for key, test in estimate.tests.items():
            if test is None:
                continue
            if test.kolari_pynnonen.reason:
                silent[test.kolari_pynnonen.reason] = None
            rows.append(
                (
                    day(estimate.window.last),
                    words(reading_name(key, lang=lang)),
                    in_points(test.car),
                    _t(test.kolari_pynnonen),
                    _p(test.kolari_pynnonen),
                    _t(test.basket),
                    _t(test.rank),
                )
            )
    headings = ("page.history_to", "page.car_to", "page.car")
    columns = (
        *(Column(lang.say(key), is_number=key == "page.car") for key in headings),
        *(Column(text, is_number=True) for text in ("Kolari-Pynnonen t", "p")),
        Column(lang.say("page.basket_t"), is_number=True),
        Column("GRANK t", is_number=True),
    )
    alike = len(strata_of(found)) == 1
    notes = [lang.say("page.events_note" if alike else "page.events_note_mixed")]
    notes += [reason_words(why, lang=lang) for why in silent]
    if rows:
        yield Sheet(lang.say("page.events_caption"), columns, tuple(rows), notes=tuple(notes))
    clock = events.run_up
    if clock is None:
        return
    told = [
        lang.say(
            "page.run_up",
            sessions=str(each.sessions),
            known=str(clock.known),
            excess=points(each.excess),
            share=lang.say("page.run_up_share", share=percent(each.share, 0))
            if each.share is not None
            else "",
        )
        for each in clock.before
        if each.excess is not None
    ]
    told.append(
        lang.say(
            "page.run_up_gap",
            gap=points(clock.gap),
            entry=str(result.score.when.entry),
            until=str(clock.until or "-"),
            after=points(clock.after),
        )
    )
    yield Lines(tuple(Line(text) for text in told), lang.say("page.run_up_title"))


def _t(test: Statistic) -> Cell:
    return NOTHING if test.t is None else Cell(f"{test.t:+.2f}", test.t)


def _p(test: Statistic) -> Cell:
    return NOTHING if test.p is None else Cell(f"{test.p:.2f}", test.p)
