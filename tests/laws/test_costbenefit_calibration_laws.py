"""Laws of calibration: the fit is the best there is, and bad tables give named errors alone."""

from __future__ import annotations

import copy
import math
import random
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe.costbenefit._calibration_fits import Stays, fit_weibull
from opsafe.costbenefit.calibrate import calibrate
from opsafe.errors import OpsafeError


@st.composite
def stays(draw: st.DrawFn) -> Stays:
    """Intervals with somebody who stays and somebody who stops in two of them at least."""
    size = draw(st.integers(2, 6))
    months = np.cumsum(draw(st.lists(st.floats(0.2, 9), min_size=size, max_size=size)))
    left, at_risk, staying = draw(st.integers(60, 5_000)), [], []
    for _ in range(size):
        kept = draw(st.floats(0.3, 0.95))
        at_risk.append(left)
        staying.append(min(max(round(left * kept), 1), left - 1))
        left = max(staying[-1] - draw(st.integers(0, staying[-1] // 4)), 2)
        if staying[-1] < 2:
            break
    size = len(staying)
    return Stays(months[:size], np.array(at_risk, float), np.array(staying, float))


def log_likelihood(found: Stays, scale: float, shape: float) -> float:
    """The likelihood, interval by interval, as the page of methods has it."""
    total, before = 0.0, 0.0
    for month, at_risk, staying in zip(
        found.months, found.at_risk, found.on_treatment, strict=True
    ):
        hazard = (month / scale) ** shape
        passing = math.exp(before - hazard)
        total += staying * (before - hazard) + (at_risk - staying) * math.log1p(-passing)
        before = hazard
    return total


@given(stays())
def test_no_curve_nearby_is_likelier(found: Stays) -> None:
    fitted = fit_weibull(found)
    if fitted.at_bound or len(found.months) < 2:
        return
    best = log_likelihood(found, fitted.scale_months, fitted.shape)
    for step in (1e-3, 0.02, 0.2):
        for across, along in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1)):
            scale = fitted.scale_months * math.exp(step * across)
            shape = fitted.shape * math.exp(step * along)
            assert log_likelihood(found, scale, shape) <= best + 1e-9 * abs(best)


@given(stays(), st.floats(0.1, 10))
def test_another_unit_of_time_scales_the_scale_alone(found: Stays, factor: float) -> None:
    fitted = fit_weibull(found)
    other = fit_weibull(Stays(found.months * factor, found.at_risk, found.on_treatment))
    if fitted.at_bound or other.at_bound:
        return
    assert other.shape == pytest.approx(fitted.shape, rel=1e-6)
    assert other.scale_months == pytest.approx(fitted.scale_months * factor, rel=1e-6)


@given(stays(), st.integers(2, 50))
def test_more_of_the_same_narrows_the_errors_alone(found: Stays, times: int) -> None:
    fitted = fit_weibull(found)
    other = fit_weibull(Stays(found.months, found.at_risk * times, found.on_treatment * times))
    if fitted.log_scale_error is None or other.log_scale_error is None:
        return
    assert other.shape == pytest.approx(fitted.shape, rel=1e-6)
    assert other.log_scale_error == pytest.approx(
        fitted.log_scale_error / math.sqrt(times), rel=1e-4
    )


GOOD: Final[dict[str, Any]] = {
    "retention": {
        "months": [1, 3, 6, 12],
        "on_treatment": [700, 500, 300, 200],
        "at_risk": [1000, 690, 480, 290],
    },
    "gap_days": 30,
    "curve": "weibull",
    "cost_per_month": {
        "group": ["treated", "treated", "untreated", "untreated"],
        "month": [1, 2, 1, 2],
        "mean_usd": [1500.0, 1200.0, 2500.0, 2400.0],
        "sd_usd": [1000.0, 900.0, 4000.0, 3000.0],
        "members": [700, 500, 3000, 3000],
    },
    "cost_periods": (1, 6),
    "price_year": 2025,
    "basis": "paid",
    "overdoses": {
        "group": ["treated", "untreated"],
        "overdoses": [12, 90],
        "person_months": [8000, 20000],
    },
    "level": 0.95,
}
ODD: Final[tuple[Any, ...]] = (
    None, 0, -1, 1, 2, 0.5, 1e-300, 1e300, -0.0, math.nan, math.inf, -math.inf, True, False, "",
    "treated", "12", b"x", [], {}, (), [1], [[1, 2, 3]], {"months": 1}, object(), 2**70, 1 + 2j,
    np.float32(3), np.int8(4), np.datetime64("2026-01-01"), np.nan, [None] * 4, ["a"] * 4,
    [1.5] * 4, [0] * 4, [1e12] * 4, [math.nan] * 4, np.arange(4), np.zeros((2, 2)),
)  # fmt: skip


def mutated(source: random.Random) -> dict[str, Any]:
    """The good arguments with a few things changed: a whole one, a column or a cell."""
    made = copy.deepcopy(GOOD)
    for _ in range(source.randint(1, 3)):
        named = (
            list(made) if source.random() < 0.15 else ["retention", "cost_per_month", "overdoses"]
        )
        name = source.choice(named)
        table = made[name]
        if not isinstance(table, dict) or not table or source.random() < 0.05:
            made[name] = source.choice(ODD)
            continue
        column = source.choice(list(table))
        cells = table[column]
        chance = source.random()
        if chance < 0.15:
            del table[column]
        elif chance < 0.4 or not isinstance(cells, list) or not cells:
            table[column] = source.choice(ODD)
        else:
            place = source.randrange(len(cells))
            cell = cells[place]
            nearby = isinstance(cell, int | float) and source.random() < 0.6
            cells[place] = cell + source.randint(-3, 3) if nearby else source.choice(ODD)
    return made


def check_mutations(seeds: range) -> int:
    answered = 0
    for seed in seeds:
        arguments = mutated(random.Random(seed))
        try:
            found = calibrate(**arguments)
        except OpsafeError:
            continue
        answered += 1
        for column in ("value", "fitted", "observed", "deviance"):
            for table in (found.parameters, found.targets, found.fits):
                if column in table:
                    assert np.isfinite(table[column]).all(), (seed, column)
    return answered


def test_mutated_arguments_give_an_answer_or_a_named_error() -> None:
    assert 60 < check_mutations(range(600)) < 540


@pytest.mark.nightly
def test_many_mutated_arguments_give_an_answer_or_a_named_error() -> None:
    check_mutations(range(1_000, 21_000))
