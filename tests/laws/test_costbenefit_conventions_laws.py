"""Laws of conventions and finance: conversions undo each other, weights integrate what they say."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import accumulate
from typing import Final, get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsafe import costbenefit as cb
from opsafe.costbenefit.discounting import Discounting
from opsafe.costbenefit.rates import RatioMeasure
from opsafe.costbenefit.within_cycle import WithinCycle

RULES: Final = get_args(WithinCycle)
DISCOUNTING: Final = get_args(Discounting)

spans = st.sampled_from(["day", "week", "3 weeks", "month", "6 months", "year", "1,000 years"])
forms = st.sampled_from(["rate per", "probability per", "share left after", "mean in", "median in"])
rates = st.floats(1e-6, 1)
shares = st.floats(0, 1)
intervals = st.integers(1, 400)
rules = st.sampled_from(RULES)
words = st.sampled_from(DISCOUNTING)
flows = st.lists(st.integers(-1_000, 1_000), min_size=1, max_size=40)


@given(st.floats(1e-3, 1e3), forms, spans, st.sampled_from([50.0, 52.0, 365.25 / 7]))
def test_a_conversion_is_undone_by_its_reverse(
    days: float, form: str, span: str, weeks: float
) -> None:
    there = cb.convert(days, "mean in days", f"{form} {span}", weeks_per_year=weeks)
    # Where nearly all or nearly none is left, a float of a share has lost the time.
    assume(form not in ("probability per", "share left after") or 1e-4 < there < 0.999)
    back = cb.convert(there, f"{form} {span}", "mean in days", weeks_per_year=weeks)
    assert back == pytest.approx(days, rel=1e-9)


@given(shares, spans, spans)
def test_probability_and_share_left_sum_to_one(share: float, over: str, of: str) -> None:
    gone = cb.convert(share, f"probability per {over}", f"probability per {of}")
    left = cb.convert(1 - share, f"share left after {over}", f"share left after {of}")
    assert gone + left == pytest.approx(1, abs=1e-9)
    assert 0 <= gone <= 1


@given(rates, st.integers(1, 60))
def test_months_make_a_probability_over_all_of_them(rate: float, months: int) -> None:
    monthly = cb.convert(rate, "rate per year", "probability per month")
    over_all = cb.convert(rate, "rate per year", f"probability per {months} months")
    assert 1 - (1 - monthly) ** months == pytest.approx(over_all, rel=1e-9)


@given(shares, st.sampled_from(get_args(RatioMeasure)))
def test_a_ratio_of_one_changes_nothing(share: float, measure: RatioMeasure) -> None:
    assert cb.apply_ratio(share, 1, measure) == pytest.approx(share, rel=1e-12, abs=1e-15)


@given(shares, st.floats(0, 1e6), st.sampled_from(["rate_ratio", "hazard_ratio", "odds_ratio"]))
def test_ratios_keep_a_probability_one(share: float, ratio: float, measure: RatioMeasure) -> None:
    found = cb.apply_ratio(share, ratio, measure)
    assert 0 <= found <= 1
    assert (found >= share * (1 - 1e-12)) if ratio >= 1 else (found <= share * (1 + 1e-12))


@given(st.floats(1e-9, 1e-5), st.floats(0.01, 10))
def test_ratios_of_rare_events_agree(share: float, ratio: float) -> None:
    found = [cb.apply_ratio(share, ratio, measure) for measure in get_args(RatioMeasure)]
    assert found == pytest.approx([found[0]] * 4, rel=1e-3)


@given(intervals, rules)
def test_every_rule_integrates_a_constant(count: int, rule: WithinCycle) -> None:
    weights = cb.within_cycle_weights(count, rule)
    assert len(weights) == count + 1
    assert float(weights.sum()) == pytest.approx(count, rel=1e-12)
    assert bool((weights >= 0).all())


@given(intervals, st.sampled_from(["half_cycle", "life_table", "simpson"]))
def test_straight_lines_are_integrated(count: int, rule: WithinCycle) -> None:
    weights = cb.within_cycle_weights(count, rule)
    assert float(weights @ np.arange(count + 1)) == pytest.approx(count**2 / 2, rel=1e-12)


@given(st.integers(2, 400), st.tuples(*[st.integers(-50, 50)] * 4))
def test_simpson_integrates_cubics(count: int, terms: tuple[int, ...]) -> None:
    points = np.arange(count + 1) / count
    weights = cb.within_cycle_weights(count, "simpson") / count
    found = float(weights @ sum(a * points**k for k, a in enumerate(terms)))
    exact = float(sum(Fraction(a, k + 1) for k, a in enumerate(terms)))
    assert found == pytest.approx(exact, rel=1e-11, abs=1e-11)


@given(intervals, rules, words, st.sampled_from([1.0, 12.0, 52.0]))
def test_a_rate_of_nothing_is_no_discounting(
    count: int, rule: WithinCycle, word: Discounting, periods: float
) -> None:
    found = cb.discounted_weights(count, rule, 0.0, word, periods)
    np.testing.assert_allclose(found, cb.discounted_weights(count, rule), rtol=1e-14)


@given(st.integers(1, 60), rules, words, st.floats(0, 0.5), st.sampled_from([1.0, 12.0, 52.0]))
def test_weights_are_a_slow_sum(
    count: int, rule: WithinCycle, word: Discounting, rate: float, periods: float
) -> None:
    def factor(cycle: float) -> float:
        if word == "continuous":
            return math.exp(-rate * cycle / periods)
        if word == "nominal":
            return math.pow(1 + rate / periods, -cycle)
        return math.pow(1 + rate, -cycle / periods)

    trace = [math.cos(k) + 2 for k in range(count + 1)]
    if rule == "life_table":
        total = sum((trace[k] + trace[k + 1]) / 2 * factor(k + 0.5) for k in range(count))
    else:
        weights = cb.within_cycle_weights(count, rule)
        total = sum(weights[k] * trace[k] * factor(k) for k in range(count + 1))
    found = float(cb.discounted_weights(count, rule, rate, word, periods) @ np.array(trace))
    assert found == pytest.approx(total, rel=1e-11)


@given(st.floats(0, 1), st.lists(st.floats(0, 100), min_size=1, max_size=9), words)
def test_factors_multiply_and_fall(rate: float, years: list[float], word: Discounting) -> None:
    found = cb.discount_factors(rate, sorted(years), word)
    assert bool((np.diff(found) <= 1e-15).all())
    twice = cb.discount_factors(rate, 2 * np.array(sorted(years)), word)
    np.testing.assert_allclose(twice, found**2, rtol=1e-10)
    first = 1 / (1 + cb.discount_rate_per_period(rate, 12, word))
    assert float(cb.discount_factors(rate, 1 / 12, word)) == pytest.approx(first, rel=1e-12)


@given(flows)
def test_value_without_a_rate_is_the_plain_sum(amounts: list[int]) -> None:
    assert cb.net_present_value(amounts, 0, np.arange(len(amounts))) == sum(amounts)


@given(flows, st.integers(1, 9))
def test_payback_is_the_last_way_up(amounts: list[int], tenths: int) -> None:
    # Tenths are no floats: what comes to 0 by the decimals comes to 0 here.
    sums = list(accumulate(Fraction(each * tenths, 10) for each in amounts))
    stays = [all(later >= 0 for later in sums[place:]) for place in range(len(sums))]
    expected = stays.index(True) if True in stays else None
    assert cb.payback([each * tenths / 10 for each in amounts]) == expected


@given(flows)
def test_linear_payback_lies_in_its_period(amounts: list[int]) -> None:
    first, when = cb.payback(amounts), cb.linear_payback(amounts, np.arange(len(amounts)))
    assert (first is None) == (when is None)
    if first is not None and when is not None:
        assert max(first - 1, 0) <= when <= first


@given(st.floats(0, 1e9), st.floats(0.01, 1e5), st.integers(1, 120))
def test_members_that_break_even_pay_for_the_programme(
    fixed: float, saving: float, months: int
) -> None:
    members = cb.break_even_members(fixed, saving, months)
    assert members is not None
    assert members * saving * months == pytest.approx(fixed, rel=1e-12)
