# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What can be armed, when it strikes, and what is remembered."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from lab.manners import BadManner, Manner, Manners, Option
from lab.manners_api import answer

CATALOGUE = (
    Manner("shout", "everywhere", "Loud.", "noise", (Option("words", 1, "how many", least=1), Option("how", "loud", "", ("loud", "low")))),
    Manner("sleep", "everywhere", "Silent.", "silence", (Option("seconds", 1.5, "how long"),), of_task=False),
)


@pytest.fixture
def manners() -> Manners:
    return Manners(CATALOGUE)


def arm(manners: Manners, name: str = "shout", **members: Any) -> int:
    return manners.arm({"name": name, **members}).id


def test_nothing_happens_unasked(manners: Manners) -> None:
    assert manners.take("shout") is None
    assert not manners.waiting("shout")
    assert manners.deeds() == []


def test_opportunities_pass_and_are_taken(manners: Manners) -> None:
    arm(manners, skip=2, times=2)
    taken = [manners.take("shout") is not None for _ in range(6)]
    assert taken == [False, False, True, True, False, False]
    assert not manners.waiting("shout")


def test_a_task_is_known_by_each_of_its_names(manners: Manners) -> None:
    arm(manners, task="nightly", times=2)
    assert manners.take("shout", ("other", "arn:other")) is None
    assert manners.take("shout", ("nightly", "arn:nightly")) is not None
    assert manners.take("shout", ("x", "nightly")) is not None


def test_what_does_not_fit_is_no_opportunity(manners: Manners) -> None:
    arm(manners, options={"words": 5}, skip=1)
    assert manners.take("shout", fits=lambda options: options["words"] < 5) is None
    assert manners.take("shout", fits=lambda options: options["words"] == 5) is None
    assert manners.take("shout", fits=lambda options: options["words"] == 5) is not None


def test_of_several_the_oldest_strikes_first(manners: Manners) -> None:
    first, second = arm(manners), arm(manners)
    for expected in (first, second):
        strike = manners.take("shout")
        assert strike is not None
        strike.done()
        assert manners.deeds()[-1].armed == expected


def test_the_same_seed_makes_the_same_choices(manners: Manners) -> None:
    def choices(seed: int) -> list[int]:
        arm(manners, seed=seed, times=5)
        strikes = [manners.take("shout") for _ in range(5)]
        return [strike.chance.randrange(10**9) for strike in strikes if strike is not None]

    assert choices(1) == choices(1)
    assert choices(1) != choices(2)
    assert len(set(choices(1))) == 5


def test_what_was_done_is_recorded(manners: Manners) -> None:
    armed = arm(manners, task="nightly")
    strike = manners.take("shout", ("nightly", "arn"))
    assert strike is not None
    assert manners.deeds() == []
    strike.done(key="k", table="s.t", row=3, detail="twice")
    [deed] = manners.to_json()["done"]
    assert deed.pop("time") > 0
    assert deed == {"armed": armed, "manner": "shout", "task": "nightly", "key": "k", "table": "s.t", "row": 3, "detail": "twice"}


def test_options_have_defaults_and_types(manners: Manners) -> None:
    assert manners.arm({"name": "shout"}).options == {"words": 1, "how": "loud"}
    assert manners.arm({"name": "shout", "options": {"words": "3", "how": "low"}}).options == {"words": 3, "how": "low"}
    assert manners.arm({"name": "sleep", "options": {"seconds": 2}}).options == {"seconds": 2.0}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "the name of a manner"),
        ({}, "there are shout, sleep"),
        ({"name": "sing"}, "'sing'"),
        ({"name": "shout", "colour": 1}, "unknown: colour"),
        ({"name": "shout", "task": 1}, "task"),
        ({"name": "sleep", "task": "t"}, "nothing to do with tasks"),
        ({"name": "shout", "seed": "x"}, "seed: a whole number"),
        ({"name": "shout", "skip": -1}, "skip: a whole number, 0 or more"),
        ({"name": "shout", "times": 0}, "times: a whole number, 1 or more"),
        ({"name": "shout", "times": True}, "times"),
        ({"name": "shout", "options": {"loud": 1}}, "has the options words, how, not loud"),
        ({"name": "shout", "options": [1]}, "has the options"),
        ({"name": "shout", "options": {"words": 0}}, "it takes 1 or more"),
        ({"name": "shout", "options": {"words": "x"}}, "a whole number"),
        ({"name": "shout", "options": {"words": None}}, "how many"),
        ({"name": "shout", "options": {"how": "softly"}}, "loud, low"),
        ({"name": "sleep", "options": {"seconds": "nan"}}, "0 or more"),
        ({"name": "sleep", "options": {"seconds": float("inf")}}, "0 or more"),
    ],
)
def test_nonsense_is_refused(manners: Manners, document: Any, words: str) -> None:
    with pytest.raises(BadManner, match=words):
        manners.arm(document)
    assert manners.to_json()["armed"] == []


def test_what_waits_can_be_forgotten(manners: Manners) -> None:
    one, two, three = arm(manners), arm(manners, "sleep"), arm(manners)
    assert [armed.id for armed in manners.disarm("shout")] == [one, three]
    assert [armed.id for armed in manners.disarm()] == [two]
    assert manners.take("sleep") is None
    with pytest.raises(BadManner):
        manners.disarm("sing")


def test_many_threads_share_what_is_armed(manners: Manners) -> None:
    arm(manners, times=100)
    taken: list[Any] = []

    def work() -> None:
        for _ in range(50):
            if strike := manners.take("shout"):
                strike.done()
                taken.append(strike)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(manners.deeds()) == 100


def test_over_http(manners: Manners) -> None:
    status, armed = answer(manners, "POST", "", json.dumps({"name": "sleep"}).encode())
    assert (status, armed["armed"]["manner"]) == (200, "sleep")
    status, shown = answer(manners, "GET", "", b"")
    assert (status, len(shown["catalogue"]), len(shown["armed"]), shown["done"]) == (200, 2, 1, [])
    status, gone = answer(manners, "DELETE", "name=sleep", b"")
    assert (status, [item["id"] for item in gone["disarmed"]]) == (200, [1])
    assert answer(manners, "POST", "", b"{")[0] == 400
    assert answer(manners, "DELETE", "name=sing", b"")[0] == 400
    assert answer(manners, "PUT", "", b"")[0] == 405
