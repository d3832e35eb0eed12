import time

import pytest
import requests
from fakes.hosts import FAULTS, KINDS, FakeHosts, Reply

from thesis.market.sources import wire
from thesis.market.sources.failure import (
    DOUBTFUL,
    HAPPENED,
    HOST_WIDE,
    PASSING,
    REMEDY,
    SourceError,
    plain,
)
from thesis.market.sources.source import Politeness

HOST = "prices.example"
QUICK = Politeness(HOST, spacing=0.01, timeout=0.5, attempts=1)


def get() -> str:
    return requests.get(f"https://{HOST}/bars").json()["bars"]


def ask(politeness: Politeness = QUICK) -> str:
    return wire.ask(politeness, "vendor", "300308.SZ", get)


def test_every_fault_of_the_fakes_is_tried():
    assert set(FAULTS) == set(KINDS)


@pytest.mark.parametrize(("fault", "kind"), KINDS.items())
def test_each_way_a_host_fails_is_told_apart(hosts: FakeHosts, fault, kind):
    hosts.serve(HOST, lambda asked: Reply('{"bars": "all"}'))
    hosts.fail(HOST, fault)

    with pytest.raises(SourceError) as caught:
        ask()

    assert kind == caught.value.kind
    assert "300308.SZ" in str(caught.value)


def test_a_changed_form_an_unknown_code_and_no_host_are_three_more(hosts: FakeHosts):
    said = []
    for reply in (Reply('{"candles": 1}'), Reply("not found", 404), None):
        if reply is not None:
            hosts.serve(HOST, lambda asked, reply=reply: reply)
        else:
            hosts.handlers.clear()
        with pytest.raises(SourceError) as caught:
            ask()
        said.append(caught.value.kind)

    assert ["changed_format", "unknown_code", "unreachable"] == said


def test_no_two_kinds_share_a_sentence():
    assert len(set(HAPPENED.values())) == len(HAPPENED)
    assert set(HAPPENED) == set(REMEDY)


def test_a_doubtful_answer_is_the_hosts_and_is_not_asked_for_again():
    assert {"limited"} == DOUBTFUL
    assert DOUBTFUL <= HOST_WIDE
    assert not DOUBTFUL & PASSING


def test_a_passing_failure_is_asked_again_and_a_ban_is_not(hosts: FakeHosts):
    hosts.serve(HOST, lambda asked: Reply('{"bars": "all"}'))
    hosts.fail(HOST, "bad_gateway", times=2)
    patient = Politeness(HOST, spacing=0.0, timeout=1.0, attempts=3)

    assert "all" == ask(patient)
    assert 3 == hosts.count(HOST)

    hosts.fail(HOST, "banned")
    with pytest.raises(SourceError, match="banned"):
        ask(patient)
    assert 4 == hosts.count(HOST)


def test_calls_to_one_host_are_spaced_and_those_to_another_are_not(hosts: FakeHosts, monkeypatch):
    monkeypatch.setattr(wire, "PACE", 1.0)
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    hosts.serve(".*example", lambda asked: Reply('{"bars": "all"}'))
    one = Politeness("spaced.example", spacing=5.0)

    def twice() -> None:
        get()
        get()

    wire.ask(one, "vendor", "300308.SZ", twice)
    assert 1 == len(slept)
    assert 4.5 < slept[0] <= 7.5

    wire.ask(Politeness("other.example", spacing=5.0), "vendor", "300308.SZ", get)
    assert 1 == len(slept)


def test_a_library_that_sets_no_timeout_gets_one_and_others_keep_theirs(hosts: FakeHosts):
    hosts.serve(HOST, lambda asked: Reply('{"bars": "all"}'))
    hosts.fail(HOST, "slow")
    hosts.slowness = 1.5

    began = time.perf_counter()
    with pytest.raises(SourceError, match="did not answer in time"):
        ask(Politeness(HOST, spacing=0.0, timeout=0.2, attempts=1))
    assert time.perf_counter() - began < 1.4


def test_requests_is_itself_again_afterwards(hosts: FakeHosts):
    before = requests.Session.send
    hosts.serve(HOST, lambda asked: Reply('{"bars": "all"}'))

    ask()
    hosts.fail(HOST, "banned")
    with pytest.raises(SourceError):
        ask()

    assert before is requests.Session.send


def test_a_check_keeps_an_answer_from_the_library(hosts: FakeHosts):
    hosts.serve(HOST, lambda asked: Reply("import os"))

    def refuse(answer: wire.Answer) -> None:
        raise SourceError("changed_format", "vendor", "300308.SZ", HOST, answer.text)

    with pytest.raises(SourceError, match="import os"):
        wire.ask(QUICK, "vendor", "300308.SZ", get, check=refuse)


def test_what_a_host_says_cannot_move_the_cursor():
    said = "gone\x1b[2J\x9b1A\r\nerased\u2028\u202e\u200b\ud800"
    error = SourceError("timeout", "vendor", "300308.SZ", HOST, said)

    assert "gone [2J 1A  erased" in str(error)
    assert error.detail.rstrip() == "gone [2J 1A  erased"
    assert 1 == len(str(error).splitlines())
    assert str(error).isprintable()


def test_words_of_other_languages_stay():
    assert "拒绝访问 à 1 %" == plain("拒绝访问 à 1 %")
