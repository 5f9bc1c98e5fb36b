"""One answer on every road: bit for bit, in any order, cut into pieces of any size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsafe import mme
from tests import roads, strategies, twin
from tests.roads import Cuts
from tests.strategies import Case, Record

CUTS = st.builds(
    Cuts,
    slab=st.sampled_from((None, 1, 2, 3, 4, 5, 6, 7)),
    block=st.sampled_from((None, 1, 2, 3, 7)),
    chunk=st.sampled_from((None, 1, 2, 5)),
    bins=st.sampled_from((None, 1, 2)),
    threads=st.integers(1, 3),
    parts=st.sampled_from((None, 1, 2, 5)),
    compiled=st.booleans(),
)
WHOLE = Cuts()


def share(part: int) -> int:
    """Examples of a slow law: a share of what the profile asks for."""
    return max(settings.default.max_examples // part, 1) if settings.default else 10


def ask(road: str, case: Case, cuts: Cuts) -> roads.Answer:
    return roads.ask(road, case.records, cuts, **case.keywords())


def assert_twin_agrees(found: roads.Answer, expected: twin.Answer) -> None:
    assert found.members.keys() == expected.members.keys()
    for member, columns in expected.members.items():
        assert {name: found.members[member][name] for name in columns} == columns
    assert found.not_opioid == expected.not_opioid
    fates = Counter(expected.fates)
    assert found.rows[1:4] == tuple(fates.pop(name, 0) for name in ("used", "netted", "not_opioid"))
    assert found.codes == fates


def assert_same(road: str, found: roads.Answer, expected: roads.Answer) -> None:
    assert not roads.differences(found, expected), road
    assert found == expected, road


@settings(max_examples=share(4))
@given(case=strategies.cases(), cuts=CUTS)
def test_every_road_in_memory_gives_the_answer_of_the_twin(case: Case, cuts: Cuts) -> None:
    expected = ask("records", case, WHOLE)
    assert_twin_agrees(expected, case.answer())
    for road in roads.MEMORY:
        found = ask(road, case, cuts)
        assert_same(road, found, expected)
        assert (found.places, found.order) == (expected.places, expected.order), road


@settings(max_examples=share(10))
@given(case=strategies.cases(), cuts=CUTS)
def test_every_road_of_files_gives_the_answer_of_the_twin(case: Case, cuts: Cuts) -> None:
    expected = case.answer()
    whole = ask("records", case, WHOLE)
    for road in roads.FILES:
        found = ask(road, case, cuts)
        assert_twin_agrees(found, expected)
        assert_same(road, found, whole)
        if road != "sorted files":
            assert found.places == whole.places


@given(strategies.cases(), st.booleans(), st.sampled_from([None, 1, 5]))
def test_compiled_loops_give_the_same_bits_and_the_same_record(
    case: Case, sort: bool, slab: int | None
) -> None:
    records = list(case.records)
    if sort:  # as a data warehouse would: loops then leave a member's rows where they stand
        records.sort(key=lambda one: (str(one["member_id"]), str(one["fill_date"])))
    with roads.cut(Cuts(slab=slab)):
        loops, arrays = (
            mme.exposure(records, **case.keywords(), compiled=compiled)
            for compiled in (True, False)
        )
    assert loops.provenance == arrays.provenance
    assert_same("loops", roads.answer_of(loops), roads.answer_of(arrays))


# ------------------------------------------------------------------------------ kinds of ids

LONG = "x" * 60
IDS: dict[str, Sequence[Any]] = {
    "small": (3, 1, 2, 100, 50_000),
    "negative": (-5, -1, 0, 7, -(2**62)),
    "beyond floats": (2**53, 2**53 + 1, 2**53 + 2, 2**63 - 1, -(2**63)),
    "unsigned": (2**63, 2**63 + 1, 2**64 - 1, 5, 2**63 - 1),
    "text": ("b", "a", "ab", "ä", "日本"),
    "prefixes": ("12345678", "123456789", "1234567", "12345678 ", "12345678\0"),
    "equal beginnings": ("ABCDEFGH1", "ABCDEFGH2", "ABCDEFGH", "ABCDEFGHIJKLMNOPQ", "ABCDEFGH12"),
    "long": (LONG + "aaaaaaaa1", LONG + "aaaaaaaa2", LONG, LONG + "aaaa", "y"),
    "numbers as text": ("007", "7", "70", "07", "1e2"),
    "decimals": tuple(Decimal(one) for one in (2**70, 2**70 + 1, 5, -7, 2**63)),
    "small decimals": tuple(map(Decimal, (5, 7, 100, -1, 0))),
}
ROADS_OF_IDS = (*roads.MEMORY, *roads.FILES)
YEAR: dict[str, Any] = {"edition": "cdc-2022", "start": "2026-01-01", "end": "2026-12-31"}


def named(ids: Sequence[Any], seed: int) -> list[Record]:
    """Fills of members with these ids, and of nobody in between."""
    random = Random(seed)
    records = strategies.population(seed, len(ids))
    names = dict(zip(sorted({one["member_id"] for one in records}), ids, strict=True))
    named = [{**record, "member_id": names[record["member_id"]]} for record in records]
    named += [{**record, "member_id": None} for record in random.sample(named, len(named) // 5)]
    random.shuffle(named)
    return named


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize("kind", IDS)
def test_members_of_every_kind_are_kept_apart_on_every_road(kind: str, seed: int) -> None:
    records = named(IDS[kind], seed)
    expected = roads.ask("records", records, WHOLE, **YEAR)
    assert set(expected.members) == set(IDS[kind])
    for member, columns in expected.members.items():
        own = [one for one in records if one["member_id"] == member]
        assert roads.ask("records", own, WHOLE, **YEAR).members == {member: columns}
    for road in ROADS_OF_IDS:
        for cuts in (WHOLE, roads.SMALL):
            found = roads.ask(road, records, cuts, **YEAR)
            assert_same(f"{road}, {cuts}", found, expected)


# ------------------------------------------------------------------------------ several editions


@settings(max_examples=share(4))
@given(strategies.cases(), st.data())
def test_each_of_several_editions_gets_the_answer_that_it_gets_alone(
    case: Case, data: st.DataObject
) -> None:
    other, _ = data.draw(strategies.editions(local=False))
    wanted = case.keywords() | {"segments": True, "contributions": True}
    first = wanted.pop("edition")
    chosen = [first] if other == first else [first, other]
    with roads.cut(data.draw(CUTS)):
        found = mme.exposure_by_edition(list(case.records), editions=chosen, **wanted)
    for edition, one in zip(chosen, found.values(), strict=True):
        alone = mme.exposure(list(case.records), edition=edition, **wanted)
        expected = roads.answer_of(alone)
        assert_same(str(edition), roads.answer_of(one), expected)
        assert one.provenance == alone.provenance
