"""One answer on every road: bit for bit, in any order, cut into pieces of any size."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsafe import mme
from tests import roads, strategies, twin
from tests.roads import Cuts
from tests.strategies import Case

CUTS = st.builds(
    Cuts,
    slab=st.sampled_from((None, 1, 2, 3, 5, 7)),
    block=st.sampled_from((None, 1, 2, 3, 7)),
    chunk=st.sampled_from((None, 1, 2, 5)),
    bins=st.sampled_from((None, 1, 2)),
    threads=st.integers(1, 3),
    parts=st.sampled_from((None, 1, 2, 5)),
)
WHOLE = Cuts()


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


@pytest.mark.parametrize("road", roads.MEMORY)
@given(case=strategies.cases(), cuts=CUTS)
def test_every_road_gives_the_answer_of_the_twin(road: str, case: Case, cuts: Cuts) -> None:
    found = ask(road, case, cuts)
    assert_twin_agrees(found, case.answer())
    expected = ask("records", case, WHOLE)
    assert not roads.differences(found, expected)
    assert found == expected
    assert (found.places, found.order) == (expected.places, expected.order)
