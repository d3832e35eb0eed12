"""The evidence as files, frames and words for other calls: each against the document."""

import csv
from dataclasses import replace

import numpy as np
import pytest

import thesis
from thesis.reporting.words.placebo import beaten_words, claims_a_fall


@pytest.fixture(scope="module")
def result():
    return thesis.evidence("optical_module", "sample", draws=200, command="a test")


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_part_has_its_table(result, tmp_path):
    written = {path.name.split(".")[1]: path for path in result.to_csv(tmp_path)}
    found = result.to_dict()["evidence"]

    placebo = {(r["pool"], r["reading"]): r for r in rows(written["placebo"])}
    for pool, drawn in found["placebo"]["pools"].items():
        for reading, told in (drawn["readings"] or {}).items():
            row = placebo[pool, reading]
            assert told["p"] == float(row["p"])
            assert told["shares"]["buy"] == float(row["share_buy"])
    parts = {r["part"]: r for r in rows(written["attribution"]) if not r["of"]}
    for key, excess in found["attribution"]["excess"].items():
        told = sum(float(parts[part][key]) for part in ("industry", "selection", "dividends"))
        assert pytest.approx(excess, abs=1e-12) == told
    known = sum(x is not None for row in found["surface"]["excess"] for x in row)
    assert known == len(rows(written["surface"]))
    worlds = found["chance"]["paper"] + found["chance"]["sector"]
    assert sum(len(w["readings"] or ()) for w in worlds) == len(rows(written["base_rate"]))
    tests = [t for e in found["event_tests"]["estimates"] for t in e["tests"].values() if t]
    assert len(tests) == len(rows(written["event_tests"]))
    assert all(row["simulated"] == "SIMULATED PRICES" for row in rows(written["placebo"]))


def test_a_backtest_without_evidence_writes_none_of_them(tmp_path):
    written = thesis.backtest("optical_module", "sample").to_csv(tmp_path)

    assert not {"placebo", "surface"} & {path.name.split(".")[1] for path in written}


def test_the_frame_of_a_surface_has_its_entries_and_exits(result):
    found = result.evidence.surface

    assert found.excess.shape == found.frame.shape
    entry, session = found.by_delay[3].entry, found.sessions[40]
    assert found.excess[3, 40] == found.frame.loc[str(entry), str(session)]
    assert np.isnan(found.frame.iloc[3, 2])


def test_a_notebook_shows_the_lines_and_a_short_repr(result):
    shown = result._repr_html_()

    for start in ("<p>Base rate: ", "<p>Placebo: ", "<p>Fragility: "):
        assert start in shown
    assert len(repr(result.evidence)) < 200
    assert "Placebo: " not in thesis.backtest("optical_module", "sample")._repr_html_()


def test_a_call_that_names_will_fall_is_judged_by_the_other_tail(result):
    reading = replace(
        result.evidence.placebo.pools["market"].readings["mean"],
        beats=0.1, percentile=0.1, p=0.9, p_worse=0.1,
    )  # fmt: skip
    call = result.thesis
    falls = call.model_copy(
        update={"claim": call.claim.model_copy(update={"rating": "underweight"})}
    )
    case = replace(result.score.case, thesis=falls)
    bearish = replace(result, score=replace(result.score, case=case))

    assert (False, True) == (claims_a_fall(result), claims_a_fall(bearish))
    assert "beat 10% of them (p 0.90 that one does as well)" == beaten_words(result, reading)
    told = beaten_words(bearish, reading)
    assert "did worse than 90% of them (p 0.10 that one does as badly)" == told
