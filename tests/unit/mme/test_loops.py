"""Compiled loops against the kernel of arrays: the same bits for the same fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from opsafe import mme
from opsafe.errors import MissingExtraError
from opsafe.mme import _loops
from opsafe.mme._population import run, ways
from opsafe.mme._population.codes import LAST_DAY
from opsafe.mme._population.measure import Doses, Fills, Measured, Scale, measure
from opsafe.mme._population.spans import OPEN_END, Spans, observed
from opsafe.mme._population.ways import measure_in_loops
from opsafe.mme._resolve import Tiers
from opsafe.quantity import IntArray

TIERS: Final = Tiers((20 * 10**6, 40 * 10**6), (4_000, 8_000, 12_000))
PRINTED: Final = ((10**6, 20 * 10**6), (21 * 10**6, 40 * 10**6))
SCALE: Final = Scale(TIERS, PRINTED, (50 * 10**6, 90 * 10**6), (90 * 10**6,))
PLAIN: Final = Scale(None, (), (), ())

FILL: Final = st.tuples(
    st.integers(0, 4),  # member
    st.integers(0, 2),  # product
    st.integers(0, 90),  # start
    st.integers(0, 40),  # days; none of a fill that ends before the window
    st.sampled_from((0, 1, 499, 500, 501, 30 * 10**9, 45 * 10**9 - 500, 45 * 10**9, 90 * 10**9)),
    st.sampled_from((0, 0, 0, 5 * 10**8, 10 * 10**9, 20 * 10**9, 20 * 10**9 + 500)),  # mg
    st.booleans(),  # counts
    st.booleans(),  # is a benzodiazepine
    st.booleans(),  # is an opioid that meets one
)
WINDOW: Final = st.tuples(st.integers(0, 40), st.integers(0, 120))


def array(values: Any) -> IntArray:
    return np.array(values, np.int64)


def fills_of(rows: Sequence[Sequence[Any]], *, by_product: bool = True) -> Fills:
    """Fills in an order in which they are summed; of the tiered drug, only mg add up."""
    rows = sorted(rows, key=lambda row: tuple(row[:3]) if by_product else (row[0], row[2]))
    member, product, start, days, rate, milligrams, *marks = array(rows).reshape(-1, 9).T
    counted, benzodiazepine, opioid = (mark.astype(bool) for mark in marks)
    at = np.flatnonzero(counted & (milligrams > 0))
    rate = np.where(counted & (milligrams == 0), rate, 0)
    return Fills(
        member=member,
        start=start,
        stop=start + days,
        rate=rate,
        doses=Doses(at, milligrams[at]) if len(at) else None,
        product=product,
        counted=counted,
        opioid=opioid if benzodiazepine.any() else None,
        benzodiazepine=benzodiazepine if benzodiazepine.any() else None,
    )


def window(members: int, first: int | None, last: int | None) -> Spans:
    return observed(members, first, last, None, None, None)


def assert_same(rows: Sequence[Sequence[Any]], spans: Spans, scale: Scale) -> None:
    assert spans.window is not None
    fills = fills_of(rows)
    most = int(np.bincount(fills.member, minlength=1).max())
    theirs = measure(fills, spans, scale, most)
    ours = measure_in_loops(fills, spans, scale, most)
    assert set(theirs.twins.tolist()) <= set(ours.twins.tolist())
    assert ours.twins.tolist() == twins_of(fills.within(*spans.window))
    assert_same_sums(ours, theirs)
    by_day = fills_of(rows, by_product=False)
    ours = measure_in_loops(by_day, spans, scale, most)
    assert ours.twins.tolist() == twins_of(by_day.within(*spans.window))
    assert_same_sums(ours, theirs)


def assert_same_sums(ours: Measured, theirs: Measured) -> None:
    for one in fields(theirs):
        if one.name not in ("daily", "twins"):
            np.testing.assert_array_equal(
                getattr(ours, one.name), getattr(theirs, one.name), err_msg=one.name
            )


def twins_of(fills: Fills) -> list[int]:
    """Fills that count, and begin on the day of another one of their member and product."""
    begins = list(zip(fills.member, fills.product, fills.start, strict=True))
    counted = [begin for begin, counts in zip(begins, fills.counted, strict=True) if counts]
    twins = [i for i in np.flatnonzero(fills.counted).tolist() if counted.count(begins[i]) > 1]
    return sorted(twins, key=lambda i: (*begins[i], i))


@given(st.lists(FILL, max_size=25), st.none() | WINDOW, st.booleans())
@example([(0, 0, 5, 40, 10, 0, True, False, False)] * 3, (0, 40), True)
@example([(0, 0, 5, 40, 10, 0, True, False, False)], (0, 1), False)  # after the window
def test_loops_give_the_sums_of_arrays(
    rows: list[tuple[Any, ...]], shared: tuple[int, int] | None, tiered: bool
) -> None:
    if not tiered:
        rows = [(*row[:5], 0, *row[6:]) for row in rows]
    first, last = (None, None) if shared is None else (shared[0], sum(shared))
    assert_same(rows, window(6, first, last), SCALE if tiered else PLAIN)


def test_a_member_with_a_hundred_thousand_fills_is_no_special_case() -> None:
    random = np.random.default_rng(5)
    size = 100_000
    rows = np.zeros((size, 9), np.int64)
    rows[:, 1] = random.integers(0, 500, size)
    rows[:, 2] = random.integers(0, 3_000, size)
    rows[:, 3] = random.integers(0, 91, size)
    rows[:, 4] = random.integers(0, 10**11, size)
    rows[:, 6] = 1
    rows[:, 7:] = random.integers(0, 2, (size, 2))
    looked = window(1, 100, 2_500), SCALE, size
    theirs = measure(fills_of(rows.tolist()), *looked)
    for by_product in (True, False):
        fills = fills_of(rows.tolist(), by_product=by_product)
        assert_same_sums(measure_in_loops(fills, *looked), theirs)


def test_fills_may_reach_to_the_last_day_there_is() -> None:
    rows = [
        (0, 0, 0, LAST_DAY, 10**9, 0, True, False, False),
        (1, 0, LAST_DAY - 1, 1, 10**9, 0, True, False, False),
    ]
    assert_same(rows, window(2, None, None), SCALE)
    assert int(fills_of(rows).stop.max()) < OPEN_END


@pytest.mark.parametrize("milligrams", [0, 1, 499, 500, 20 * 10**9 + 499, 20 * 10**9 + 500, 10**15])
def test_tiers_are_taken_on_the_rounded_dose(milligrams: int) -> None:
    rows = [(0, 0, 3, 4, 0, milligrams, True, False, False)]
    assert_same(rows, window(1, 0, 9), SCALE)


def test_amounts_near_the_largest_sum_are_exact() -> None:
    largest = 4 * 10**18 // 7
    rows = [(0, 0, 2, 1, largest, 0, True, False, False)] * 7
    assert_same(rows, window(1, 0, 9), PLAIN)
    assert int(measure_in_loops(fills_of(rows), window(1, 0, 9), PLAIN, 7).total[0]) == 7 * largest


def test_every_bit_of_a_word_is_found() -> None:
    for shift in range(32):
        mixed = ((_loops._DE_BRUIJN << shift) & _loops._LOW_HALF) >> 27
        assert _loops._SHIFTS[mixed] == shift


# ------------------------------------------------------------------------------ the door

FILLS: Final = [
    {
        "member_id": member,
        "fill_date": f"2025-0{month}-01",
        "ingredient": drug,
        "route": "oral",
        "strength": "10 mg",
        "quantity": 45 * month,
        "days_supply": 30,
    }
    for member in range(3)
    for month in (1, 1, 3)
    for drug in ("oxycodone", "methadone")
]
YEAR: Final[dict[str, Any]] = {
    "edition": "cms-2018-02-oms",
    "start": "2025-01-01",
    "end": "2025-12-31",
}


INTERVAL: Final = {"member_id": 1, "first_day": "2025-01-05", "last_day": "2025-03-20"}


@pytest.mark.parametrize(
    "options, by_day, by_product",
    [
        ({}, False, False),
        ({"segments": True}, True, True),
        ({"contributions": True}, True, True),
        ({"overlap": "shift_same_product"}, False, True),
        ({"windows": [INTERVAL]}, True, True),
        ({"exclusions": [INTERVAL | {"reason": "hospice"}], "exclude": "days"}, True, True),
        ({"exclusions": [INTERVAL | {"reason": "hospice"}], "exclude": "members"}, False, False),
    ],
)
def test_loops_are_asked_where_one_window_is_all(
    options: dict[str, Any], by_day: bool, by_product: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ways.Way] = []

    def way_of(*arguments: Any) -> ways.Way:
        asked.append(ways.way_of(*arguments))
        return asked[-1]

    monkeypatch.setattr(run, "way_of", way_of)
    mme.exposure(FILLS, **YEAR, **options, compiled=True)
    assert asked == [ways.Way(measure if by_day else measure_in_loops, by_product)]


@pytest.mark.parametrize("options", [{}, {"segments": True}, {"overlap": "shift_same_product"}])
def test_the_answer_is_the_same(options: dict[str, Any]) -> None:
    found = [mme.exposure(FILLS, **YEAR, **options, compiled=way) for way in (True, False, None)]
    for one in found[1:]:
        assert one.provenance == found[0].provenance
        for name in ("members", "set_aside", "flags"):
            assert repr(getattr(one, name)) == repr(getattr(found[0], name))
            for column in getattr(one, name).keys():  # noqa: SIM118
                left, right = getattr(one, name)[column], getattr(found[0], name)[column]
                np.testing.assert_array_equal(np.asarray(left), np.asarray(right))


def test_editions_are_compiled_together() -> None:
    editions = ["cdc-2022", "cdc-2016"]
    asked = {"start": "2025-01-01", "end": "2025-12-31"}
    one, two = (
        mme.exposure_by_edition(FILLS, editions=editions, **asked, compiled=way)  # type: ignore[arg-type]
        for way in (True, False)
    )
    for edition in editions:
        total = [float(one) for one in one[edition].members["total_mme"]]
        assert total == [float(other) for other in two[edition].members["total_mme"]]


def test_loops_are_compiled_where_rows_are_many() -> None:
    assert not ways.is_worth_compiling(None, 3_999_999)
    assert ways.is_worth_compiling(None, 4_000_000)
    assert ways.is_worth_compiling(compiled=True, rows=1)
    assert not ways.is_worth_compiling(compiled=False, rows=10**9)


def test_without_numba_arrays_are_used_unless_loops_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ways, "find_spec", lambda _name: None)
    assert not ways.is_worth_compiling(None, 10**9)
    assert len(mme.exposure(FILLS, **YEAR).members["total_mme"]) == 3
    with pytest.raises(MissingExtraError, match=r"opsafe\[fast\]"):
        mme.exposure(FILLS, **YEAR, compiled=True)
    with pytest.raises(MissingExtraError, match="compiled"):
        mme.exposure_by_edition(FILLS, editions=["cdc-2022"], compiled=True)


def test_a_daily_sum_of_exactly_ninety_is_at_least_ninety() -> None:
    rate = Fraction(90, 7) * 10**9
    rows = [(0, n, 1, 5, round(rate), 0, True, False, False) for n in range(7)]
    found = measure_in_loops(fills_of(rows), window(1, 0, 9), SCALE, 7)
    assert found.maximum.tolist() == [90 * 10**6]
    assert [days.tolist() for days, _ in found.at_least] == [[5], [5]]
    assert [days.tolist() for days, _ in found.more_than] == [[0]]
