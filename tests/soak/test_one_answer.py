"""One population by two hundred roads, each cut, ordered and threaded by chance: one answer."""

from __future__ import annotations

import functools
from datetime import timedelta
from random import Random
from typing import Any, Final

import pytest

from tests import roads, strategies
from tests.roads import Answer, Cuts

MEMBERS: Final = 2_000
CONFIGURATIONS: Final = 200
SHORT: Final = 8
ROADS: Final = (*roads.MEMORY, *roads.FILES, *roads.FILES)
FIRST: Final = strategies.FIRST_DAY + timedelta(60)
YEAR: Final[dict[str, Any]] = {"start": FIRST, "end": FIRST + timedelta(240)}
OPTIONS: Final[tuple[dict[str, Any], ...]] = (
    {"edition": "cdc-2022", **YEAR},
    {"edition": "cdc-2016", **YEAR, "overlap": "shift_same_product", "max_shift_days": 14},
    {"edition": ("cdc-2022", "cdc-file-2018"), "buprenorphine": "include", "more_than": (90,)},
    {"edition": "nih-heal-2024", **YEAR, "patch_days": "edition", "moud_products": "include"},
)


@functools.cache
def population(members: int) -> tuple[strategies.Record, ...]:
    records = strategies.population(11, members)
    nobody = [{**record, "member_id": None} for record in records[: members // 20]]
    return (*records, *nobody)


@functools.cache
def expected(members: int, option: int) -> Answer:
    return roads.ask("records", population(members), Cuts(), **OPTIONS[option])


def check(seed: int, members: int) -> None:
    """Ask by a road that the seed chooses."""
    random = Random(seed)
    road, option = random.choice(ROADS), random.randrange(len(OPTIONS))
    cuts = Cuts(
        slab=random.choice((None, 1_000, 5_000, random.randint(50, 20_000))),
        block=random.choice((None, 1_000, 5_000, random.randint(500, 20_000))),
        chunk=random.choice((None, 512, 4_096)),
        bins=random.choice((None, 3, 8)),
        threads=random.randint(1, 4),
        parts=random.choice((None, 1, 4, random.randint(1, 20))),
        compiled=random.random() < 0.5,
    )
    records = list(population(members))
    order = random.choice(("as it is", "shuffled", "by member", "by member, backwards"))
    if order == "shuffled":
        random.shuffle(records)
    elif order != "as it is":
        records.sort(key=lambda one: one["member_id"] or "", reverse=order.endswith("backwards"))
    found = roads.ask(road, records, cuts, **OPTIONS[option])
    wanted = expected(members, option)
    told = (seed, road, option, cuts, order)
    assert found == wanted, (told, roads.differences(found, wanted)[:5])


@pytest.mark.parametrize("seed", range(SHORT))
def test_a_few_roads_give_one_answer(seed: int) -> None:
    check(seed, MEMBERS // 20)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
def test_two_hundred_roads_give_one_answer(seed: int) -> None:
    check(seed, MEMBERS)
