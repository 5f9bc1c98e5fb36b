"""The kernel against plain Python: days in dictionaries, fractions, integers without end."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import groupby, pairwise
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from opsafe.mme import _kernel, _rounding, _shift
from opsafe.quantity import IntArray

Interval: TypeAlias = tuple[int, int, int, int]
"""Group, first day, the day after the last, weight."""

LARGEST_SUM = 4 * 10**18
LAST_DAY = 2**_kernel.DAY_BITS - 1
NONE = np.zeros(0, np.int64)

INTERVALS = st.lists(
    st.builds(
        lambda group, start, days, weight: (group, start, start + days, weight),
        st.integers(0, 3),
        st.integers(0, 30),
        st.integers(1, 10),
        st.integers(0, 10**12),
    ),
    max_size=15,
)


def array(values: object) -> IntArray:
    return np.array(values, np.int64)


def columns(intervals: list[Interval]) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    group, start, stop, weight = array(intervals).reshape(-1, 4).T
    return group, start, stop, weight


def by_day(found: _kernel.Runs, values: IntArray) -> dict[tuple[int, int], int]:
    """Spell runs out day by day; no day may stand in two of them."""
    days: dict[tuple[int, int], int] = {}
    rows = zip(found.group, found.start, found.stop, values, strict=True)
    for group, start, stop, value in rows:
        for day in range(start, stop):
            assert (int(group), day) not in days
            days[int(group), day] = int(value)
    return days


def sums_by_day(
    intervals: list[Interval],
) -> tuple[Counter[tuple[int, int]], Counter[tuple[int, int]]]:
    number: Counter[tuple[int, int]] = Counter()
    total: Counter[tuple[int, int]] = Counter()
    for group, start, stop, weight in intervals:
        for day in range(start, stop):
            number[group, day] += 1
            total[group, day] += weight
    return number, total


# ------------------------------------------------------------------------------------- runs


@given(INTERVALS)
def test_runs_are_the_sums_of_each_day(intervals: list[Interval]) -> None:
    group, start, stop, weight = columns(intervals)
    found = _kernel.runs(group, start, stop, [weight, np.ones_like(weight)])
    number, total = sums_by_day(intervals)
    assert by_day(found, found.sums[0]) == dict(total)
    assert by_day(found, found.sums[1]) == dict(number)


@given(INTERVALS)
def test_runs_come_in_order_of_group_and_day(intervals: list[Interval]) -> None:
    group, start, stop, weight = columns(intervals)
    found = _kernel.runs(group, start, stop, [weight])
    keys = list(zip(found.group.tolist(), found.start.tolist(), strict=True))
    assert keys == sorted(set(keys))
    assert (found.days > 0).all()


@given(INTERVALS, st.data())
def test_runs_do_not_depend_on_the_order_of_intervals(
    intervals: list[Interval], data: st.DataObject
) -> None:
    one, two = (
        _kernel.runs(group, start, stop, [weight])
        for group, start, stop, weight in map(
            columns, (intervals, data.draw(st.permutations(intervals)))
        )
    )
    assert by_day(one, one.sums[0]) == by_day(two, two.sums[0])
    np.testing.assert_array_equal(one.start, two.start)


def test_no_intervals_make_no_runs() -> None:
    found = _kernel.runs(NONE, NONE, NONE, [NONE])
    assert len(found.group) == len(found.days) == len(found.sums[0]) == 0


def test_the_last_day_and_the_largest_group_stay_apart_from_their_neighbours() -> None:
    group = array([0, 1, 2**41 - 1])
    start, stop = array([LAST_DAY - 1, 0, LAST_DAY - 1]), array([LAST_DAY, 1, LAST_DAY])
    found = _kernel.runs(group, start, stop, [array([1, 2, LARGEST_SUM])])
    np.testing.assert_array_equal(found.group, group)
    np.testing.assert_array_equal(found.start, start)
    np.testing.assert_array_equal(found.stop, stop)
    assert found.sums[0].tolist() == [1, 2, LARGEST_SUM]


# --------------------------------------------------------------------------------- overlaps


def overlaps(intervals: list[Interval]) -> set[tuple[int, int]]:
    group, start, stop, weight = columns(sorted(intervals))
    marks = _kernel.overlap_marks(group, start, stop)
    found = _kernel.sweep(group, start, stop, [weight], [marks], 2 * len(group))
    return {day for day, n in by_day(found, found.sums[1]).items() if n}


@given(INTERVALS)
@example([(0, 1, 9, 1), (0, 2, 9, 1), (0, 3, 5, 1)])
@example([(0, 1, 5, 1), (0, 5, 9, 1)])
def test_overlaps_are_the_days_of_two_or_more(intervals: list[Interval]) -> None:
    number, _ = sums_by_day(intervals)
    assert overlaps(intervals) == {day for day, n in number.items() if n > 1}


# ----------------------------------------------------------------------------------- sweep


@given(INTERVALS, st.integers(1, 6))
def test_counters_that_share_a_word_stay_apart(intervals: list[Interval], many: int) -> None:
    group, start, stop, weight = columns(intervals)
    counters = [
        (array([(i + 1) % 2] * len(group)), array([(i + 1) % 2] * len(group))) for i in range(many)
    ]
    found = _kernel.sweep(group, start, stop, [weight], counters, max(len(group), 1))
    number, total = sums_by_day(intervals)
    covered = {day: n for day, n in by_day(found, found.sums[0]).items() if day in number}
    assert covered == dict(total)
    for i, sums in enumerate(found.sums[1:]):
        days = by_day(found, sums)
        assert {day: n for day, n in days.items() if n} == {
            day: n for day, n in number.items() if (i + 1) % 2
        }


def test_a_group_with_more_intervals_than_a_narrow_counter_holds() -> None:
    many = 70_000
    group, start = np.zeros(many, np.int64), np.zeros(many, np.int64)
    one = np.ones(many, np.int64)
    weights = [np.full(many, 10**13, np.int64)]
    found = _kernel.sweep(group, start, start + 5, weights, [(one, one)] * 5, many)
    assert [int(total[0]) for total in found.sums] == [many * 10**13] + [many] * 5
    assert found.days.tolist() == [5]


@given(INTERVALS, st.integers(1, 10))
def test_sums_and_maxima_by_group(intervals: list[Interval], more: int) -> None:
    group, _, _, weight = columns(sorted(intervals))
    found = _kernel.ByGroup(group, 4 + more)
    mine: dict[int, list[int]] = {g: [0] for g in range(4 + more)}
    for g, *_, w in intervals:
        mine[g].append(w)
    assert found.sum(weight).tolist() == [sum(mine[g]) for g in range(4 + more)]
    assert found.max(weight).tolist() == [max(mine[g]) for g in range(4 + more)]


@given(st.lists(st.tuples(st.integers(0, 9 * 10**18), st.integers(1000, 10**15)), max_size=50))
@example([(9 * 10**18, 1000), (9 * 10**18 - 1, 1001), (1500, 1000), (2500, 1000)])
def test_the_fast_division_is_the_slow_one(pairs: list[tuple[int, int]]) -> None:
    numerator, denominator = array(pairs).reshape(-1, 2).T
    expected = [round(Fraction(a, b)) for a, b in pairs]
    assert _rounding.half_even(numerator, denominator).tolist() == expected


# ------------------------------------------------------------------------------------ shift

FILLS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(1, 15)), max_size=15)
"""Group, date, days supply."""


def walk(
    fills: list[tuple[int, int, int]], max_shift: int
) -> dict[tuple[int, int], tuple[int, bool]]:
    """Start of the fills of each group and date, one after the other, and whether capped."""
    found = {}
    for group, own in groupby(sorted(fills), key=lambda fill: fill[0]):
        supplied_until = 0
        for day, same_day in groupby(own, key=lambda fill: fill[1]):
            wanted = max(day, supplied_until)
            start = min(wanted, day + max_shift)
            found[group, day] = start, wanted > start
            supplied_until = max(supplied_until, start + max(days for _, _, days in same_day))
    return found


@given(FILLS, st.integers(0, 20))
@example([(0, 0, 15), (0, 1, 15), (0, 2, 1), (1, 2, 3)], 10)
def test_a_shift_is_a_walk_from_date_to_date(
    fills: list[tuple[int, int, int]], max_shift: int
) -> None:
    group, day, days = array(fills).reshape(-1, 3).T
    start, capped = _shift.shift(group, day, days, max_shift)
    expected = walk(fills, max_shift)
    assert list(zip(start.tolist(), capped.tolist(), strict=True)) == [
        expected[one, date] for one, date, _ in fills
    ]


@given(FILLS)
def test_without_a_cap_supply_of_different_dates_never_overlaps(
    fills: list[tuple[int, int, int]],
) -> None:
    group, day, days = array(fills).reshape(-1, 3).T
    start, capped = _shift.shift(group, day, days, 366)
    assert not capped.any()
    supplied = {
        (int(g), int(d)): (int(s), int(s + max(n for h, e, n in fills if (h, e) == (g, d))))
        for g, d, s in zip(group, day, start, strict=True)
    }
    ordered = sorted(supplied.items())
    for (one, (_, stop)), (other, (begin, _)) in pairwise(ordered):
        assert one[0] != other[0] or stop <= begin


def test_no_fills_are_not_shifted() -> None:
    start, capped = _shift.shift(NONE, NONE, NONE, 30)
    assert len(start) == len(capped) == 0


# ----------------------------------------------------------------------------------- tiered

UP_TO = (20 * 10**6, 40 * 10**6, 60 * 10**6)
FACTORS = (4000, 8000, 10_000, 12_000)


def tier(milligrams: int) -> int:
    """MME in 1e-9 of a dose in 1e-9 mg, by fractions."""
    rounded = int(Fraction(milligrams, 1000) + Fraction(1, 2))
    factor = next((f for bound, f in zip(UP_TO, FACTORS, strict=False) if rounded <= bound), 12_000)
    return round(Fraction(milligrams * factor, 1000))


@given(st.lists(st.integers(0, 10**16)))
@example([0, 20 * 10**9, 20 * 10**9 + 499, 20 * 10**9 + 500, 40 * 10**9 + 1, 60 * 10**9 + 500])
def test_a_tier_is_chosen_on_the_published_dose_and_applies_to_the_whole_of_it(
    milligrams: list[int],
) -> None:
    found = _rounding.tiered(array(milligrams), UP_TO, FACTORS)
    assert found.tolist() == [tier(each) for each in milligrams]


def test_a_residue_of_division_never_lifts_a_dose_into_the_next_tier() -> None:
    thirds = 3 * round(Fraction(20 * 10**9, 3))
    assert thirds > 20 * 10**9
    found = _rounding.tiered(array([thirds]), UP_TO, FACTORS)
    assert _rounding.day_counts(found).tolist() == [80 * 10**6]


def test_a_single_tier_is_a_plain_factor() -> None:
    assert _rounding.tiered(array([10**9]), (), (3000,)).tolist() == [3 * 10**9]


# ------------------------------------------------------------------------- rounding, summing


@given(st.lists(st.tuples(st.integers(-(10**18), 10**18), st.integers(1, 10**6)), min_size=1))
@example([(1, 2), (3, 2), (5, 2), (-1, 2), (-3, 2), (0, 1)])
def test_half_even_rounds_as_fractions_do(pairs: list[tuple[int, int]]) -> None:
    numerator, denominator = array(pairs).T
    expected = [round(Fraction(over, under)) for over, under in pairs]
    assert _rounding.half_even(numerator, denominator).tolist() == expected


@pytest.mark.parametrize("total, count", [(0, 0), (499, 0), (500, 1), (1499, 1), (1500, 2)])
def test_published_counts_are_rounded_half_up(total: int, count: int) -> None:
    assert _rounding.day_counts(array([total])).tolist() == [count]


@given(st.lists(st.tuples(st.integers(0, LARGEST_SUM), st.integers(1, 10**6)), min_size=1))
@example([(LARGEST_SUM, 1), (LARGEST_SUM, 3), (LARGEST_SUM - 1, 10**6), (1500, 3), (4500, 3)])
def test_means_are_exact_up_to_the_largest_sum(pairs: list[tuple[int, int]]) -> None:
    total, days = array(pairs).T
    expected = [(2 * each + 1000 * over) // (2000 * over) for each, over in pairs]
    assert _rounding.mean_counts(total, days).tolist() == expected


def test_a_mean_over_no_days_is_0() -> None:
    assert _rounding.mean_counts(array([0]), array([0])).tolist() == [0]


def test_nothing_is_rounded_to_nothing() -> None:
    found = (
        _rounding.day_counts(NONE),
        _rounding.mean_counts(NONE, NONE),
        _rounding.half_even(NONE, NONE),
    )
    assert [len(each) for each in found] == [0, 0, 0]
    assert len(_rounding.tiered(NONE, UP_TO, FACTORS)) == 0
    assert _kernel.sum_by(NONE, NONE, 2).tolist() == [0, 0]


def test_sums_are_exact_where_floats_would_not_be() -> None:
    values = array([2**53, 1, 1, 5])
    found = _kernel.sum_by(array([0, 0, 0, 2]), values, 3)
    assert found.tolist() == [2**53 + 2, 0, 5]


# ------------------------------------------------------------------------------ longest run


@given(INTERVALS, st.integers(0, 3 * 10**12))
def test_the_longest_run_is_found_day_by_day(intervals: list[Interval], threshold: int) -> None:
    group, start, stop, weight = columns(intervals)
    found = _kernel.runs(group, start, stop, [weight])
    days, longest = _kernel.Unbroken(found, 4).longest(found.sums[0] >= threshold)
    _, total = sums_by_day(intervals)
    for one in range(4):
        held = sorted(
            day for (owner, day), sum_ in total.items() if owner == one and sum_ >= threshold
        )
        streaks = groupby(enumerate(held), key=lambda pair: pair[1] - pair[0])
        assert days[one] == len(held)
        assert longest[one] == max((len(list(streak)) for _, streak in streaks), default=0)


def test_runs_of_two_groups_never_join() -> None:
    found = _kernel.Runs(array([0, 1]), array([1, 5]), array([5, 9]), ())
    assert _kernel.Unbroken(found, 2).longest(np.array([True, True]))[1].tolist() == [4, 4]


def test_without_runs_the_longest_is_0() -> None:
    found = _kernel.Runs(NONE, NONE, NONE, ())
    days, longest = _kernel.Unbroken(found, 2).longest(np.zeros(0, bool))
    assert days.tolist() == longest.tolist() == [0, 0]
