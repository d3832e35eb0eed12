"""How a result was made, so that anybody can make it again."""

from collections.abc import Iterator

from thesis.reporting.backtest import Backtest
from thesis.reporting.documents.result import Json
from thesis.reporting.pages.blocks import Fact, Facts, Lines, Section, lines
from thesis.reporting.words.claims import ends_words
from thesis.reporting.words.language import Language
from thesis.reporting.words.reasons import cited_words, origin_words
from thesis.reporting.words.settings import chosen_word, settings_words
from thesis.reporting.words.terms import benchmark_words


def provenance_section(result: Backtest, found: Json, lang: Language) -> Section:
    """Method and provenance.

    Parameters
    ----------
    found
        The result's JSON form.
    """
    method: Lines = lines([_method(key, result, lang) for key in _METHOD])
    facts = Facts(tuple(_facts(result, found, lang)))
    return Section("method", lang.say("page.method"), (method, facts))


_METHOD = ("entry", "readings", "paper", "sector", "net", "luck")


def _method(key: str, result: Backtest, lang: Language) -> str:
    """A part of the method, as this result was made."""
    if key != "paper":
        return lang.say(f"method.{key}")
    how = result.score.case.strategy.weights_name
    weights = (
        lang.say("method.equal")
        if how == "equal"
        else lang.say("method.other", how=chosen_word("weights", how, lang))
    )
    index = lang.say(f"method.{result.score.basis}")
    return lang.say("method.paper", weights=weights, index=index)


def _facts(result: Backtest, found: Json, lang: Language) -> Iterator[Fact]:
    english = None if lang.code == "en" else "en"
    prices, settings, made = found["prices"], found["settings"], found["provenance"]
    when = result.score.when
    ends = ends_words(when, lang)
    yield Fact(
        lang.say("page.entered"),
        lang.say(
            "page.entered_at",
            session=str(when.entry or "?"),
            price=lang.say(f"price.{when.price}"),
            ends=ends,
        ),
    )
    against = (
        lang.say("between.colon").join(
            (lang.say(f"leg.{name}"), benchmark_words(leg.benchmark, lang=lang))
        )
        for name, leg in result.legs.items()
    )
    yield Fact(lang.say("page.measured"), lang.say("between.clauses").join(against))
    yield Fact(lang.say("page.settings"), settings_words(settings, lang))
    yield Fact(
        lang.say("page.prices"),
        lang.say("between.facts").join(
            (
                origin_words(prices["origin"], lang),
                f"{prices['first']} – {prices['last']}",
                prices["fingerprint"][:12],
            )
        ),
    )
    cover = found["coverage"]
    if cover:
        yield Fact(
            lang.say("page.coverage"),
            lang.say(
                "page.covered",
                with_data=str(cover["names_with_data"]),
                names=str(cover["names"]),
                present=str(cover["bars_present"]),
                expected=str(cover["bars_expected"]),
                listed=str(cover["names_with_list_date"]),
                special=str(cover["names_with_st_status"]),
            ),
        )
    yield Fact(lang.say("page.rules"), cited_words(made["rules_citation"], lang))
    yield Fact(lang.say("page.calendar"), cited_words(made["calendar"], lang))
    yield Fact(lang.say("page.fingerprint"), found["thesis"]["fingerprint"][:12])
    yield Fact(
        lang.say("page.versions"),
        ", ".join(
            f"{name} {version}"
            for name, version in {"thesis": made["thesis_version"], **made["packages"]}.items()
        ),
        english,
    )
    yield Fact(lang.say("page.command"), made["command"], english)
    yield Fact(lang.say("page.data"), lang.say("page.data_more", schema=found["schema"]))
