"""Laws of a budget impact, and a slow exact twin."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsafe import costbenefit as cb

NAMES: Final = ("none", "buprenorphine", "methadone")
PARTS: Final = {
    "cost_usd_per_patient_year": 1,
    "condition_usd_per_patient_year": 1,
    "offset_usd_per_patient_year": -1,
}


def mixes(chance: random.Random, years: int) -> dict[str, list[float]]:
    """Shares in hundredths, so that they sum to 1; often some are 0."""
    cuts = [
        sorted(chance.choice((0, chance.randint(0, 100), 100)) for _ in "ab") for _ in range(years)
    ]
    by_year = [(low, high - low, 100 - high) for low, high in cuts]
    return {name: [each[n] / 100 for each in by_year] for n, name in enumerate(NAMES)}


def line_of(chance: random.Random, years: int) -> dict[str, Any]:
    """The fields of a line, all of them given year by year."""

    def row(most: int) -> list[float]:
        return [float(chance.choice((0, chance.randint(0, most), most))) for _ in range(years)]

    fields: dict[str, Any] = {
        "population": row(50_000),
        "uptake": [each / 20 for each in row(20)],
        "share_current": mixes(chance, years),
        "share_new": mixes(chance, years),
        "programme_usd_per_year": {"running": row(30_000)},
        "most_patients": {name: row(20_000) for name in NAMES if chance.random() < 0.4},
    }
    for field in PARTS:
        fields[field] = {name: {"drug": row(30_000), "visits": row(30_000)} for name in NAMES}
    return fields


@st.composite
def budgets(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Lines by name. Amounts come from a seed: they are many, and none is odd by its size."""
    years, count = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    chance = random.Random(draw(st.integers(0, 2**32)))
    return {name: line_of(chance, years) for name in "ABC"[:count]}


def twin(line: dict[str, Any], year: int) -> Fraction:
    """The impact of one line in one year, in exact numbers."""
    population = Fraction(line["population"][year])
    current = {name: Fraction(str(line["share_current"][name][year])) for name in NAMES}
    wanted = {name: Fraction(str(line["share_new"][name][year])) for name in NAMES}
    change = {
        name: (wanted[name] - current[name]) * Fraction(str(line["uptake"][year])) for name in NAMES
    }
    new = dict(current)
    gained = Fraction(0)
    for name in NAMES:
        gain = max(change[name], Fraction(0))
        if name in line["most_patients"] and population:
            places = Fraction(line["most_patients"][name][year]) / population
            gain = min(gain, max(places - current[name], Fraction(0)))
        new[name] += gain
        gained += gain
    lost = sum(-each for each in change.values() if each < 0)
    for name in NAMES:
        if change[name] < 0:
            new[name] += change[name] * gained / lost
    assert sum(new.values()) == 1
    impact = Fraction(line["programme_usd_per_year"]["running"][year])
    for field, sign in PARTS.items():
        for name in NAMES:
            for usd in line[field][name].values():
                impact += sign * population * (new[name] - current[name]) * Fraction(usd[year])
    return impact


@given(budgets())
def test_a_budget_is_its_exact_twin(told: dict[str, dict[str, Any]]) -> None:
    found = cb.budget_impact(lines=told)
    size = float(np.abs(found.detail["current_usd"]).sum() + 1)
    for year, usd in enumerate(found.impact_usd):
        exact = float(sum(twin(line, year) for line in told.values()))
        assert usd == pytest.approx(exact, rel=1e-12, abs=1e-12 * size)


@given(budgets())
def test_every_table_adds_up_to_the_same(told: dict[str, dict[str, Any]]) -> None:
    found = cb.budget_impact(lines=told)
    size = float(np.abs(found.detail["new_usd"]).sum() + 1)
    for table in (found.by_year, found.by_line, found.by_category, found.by_treatment):
        for column in ("current_usd", "new_usd", "impact_usd"):
            whole = found.detail[column].sum()
            assert table[column].sum() == pytest.approx(whole, rel=1e-11, abs=1e-12 * size)
    each = [cb.budget_impact(lines={name: line}).total_usd for name, line in told.items()]
    assert found.total_usd == pytest.approx(sum(each), rel=1e-11, abs=1e-12 * size)
    shares = found.mix["share_new"].reshape(len(told), 3, -1).sum(axis=1)
    np.testing.assert_allclose(shares, 1, rtol=1e-12)


@given(budgets())
def test_the_same_mix_costs_the_programme_alone(told: dict[str, dict[str, Any]]) -> None:
    for line in told.values():
        line["share_new"] = line["share_current"]
    found = cb.budget_impact(lines=told)
    running = sum(sum(line["programme_usd_per_year"]["running"]) for line in told.values())
    assert found.total_usd == running


@given(budgets(), st.integers(2, 9))
def test_money_goes_with_the_population(told: dict[str, dict[str, Any]], times: int) -> None:
    once = cb.budget_impact(lines=told)
    for line in told.values():
        line["population"] = [times * each for each in line["population"]]
        line["programme_usd_per_year"] = {
            name: [times * each for each in row]
            for name, row in line["programme_usd_per_year"].items()
        }
        line["most_patients"] = {
            name: [times * each for each in row] for name, row in line["most_patients"].items()
        }
    size = float(np.abs(once.detail["new_usd"]).sum() + 1)
    found = cb.budget_impact(lines=told)
    np.testing.assert_allclose(
        found.impact_usd, times * once.impact_usd, rtol=1e-11, atol=1e-12 * times * size
    )


@given(budgets())
def test_a_document_survives_json(told: dict[str, dict[str, Any]]) -> None:
    inputs = cb.BudgetInputs(lines={name: cb.BudgetLine(**line) for name, line in told.items()})
    assert cb.BudgetInputs.from_json(inputs.to_json()) == inputs
    once, again = cb.budget_impact(inputs), cb.budget_impact(lines=told)
    assert once.detail == again.detail


@given(budgets(), st.integers(1, 12), st.integers(1, 12))
def test_fiscal_years_hold_the_same_money(
    told: dict[str, dict[str, Any]], start: int, first_month: int
) -> None:
    found = cb.budget_impact(lines=told, start=f"2026-{start:02d}")
    fiscal = found.by_fiscal_year(first_month)
    size = float(np.abs(found.detail["new_usd"]).sum() + 1)
    assert fiscal["impact_usd"].sum() == pytest.approx(found.total_usd, rel=1e-11, abs=1e-12 * size)
    assert fiscal["months"].sum() == 12 * len(found.impact_usd)
    assert bool((np.diff(fiscal["fiscal_year"]) == 1).all())
    if start == first_month:
        np.testing.assert_allclose(
            fiscal["impact_usd"], found.impact_usd, rtol=1e-11, atol=1e-12 * size
        )
