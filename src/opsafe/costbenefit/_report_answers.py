"""Where a report answers the two checklists; what it does not answer is said in their own words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from opsafe import __version__
from opsafe.costbenefit._checklists import NOT_APPLICABLE

if TYPE_CHECKING:
    from opsafe.costbenefit.budget_impact import BudgetImpact
    from opsafe.costbenefit.business_case import BusinessCase
    from opsafe.costbenefit.outcomes import Simulated

__all__ = ["SECTIONS", "budget_answers", "cheers_answers"]

SECTIONS: Final = {
    "outcomes": "Outcomes",
    "money": "Money",
    "by_year": "Money by fiscal year",
    "categories": "Money by category",
    "budget": "Budget impact",
    "strategies": "Strategies side by side",
    "decision": "What the decision rests on",
    "drivers": "What moves the result",
    "conventions": "Conventions",
    "cautions": "What a reader must know",
    "inputs": "Inputs",
    "editions": "Editions",
    "cheers": "CHEERS 2022, item by item",
    "budget_elements": "Budget impact, element by element",
}
"""Headings of a report, in order."""
_PLAN: Final = "The health plan that pays"


def cheers_answers(
    title: str,
    case: BusinessCase | None,
    run: Simulated | None,
    budget: BudgetImpact | None,
    *,
    drivers: bool,
) -> dict[int, str]:
    """Answers by item, of what a report can say by itself."""
    found = {1: title, 16: _model(case, run, budget), 17: _in("conventions")}
    parts = []
    if budget is not None:
        parts.append(_of_budget(budget))
    if run is not None:
        parts.append(_of_run(run))
    if case is not None:
        parts.append(_of_case(case))
    items = sorted({item for part in parts for item in part})
    for item in items:
        said = list(dict.fromkeys(part[item] for part in reversed(parts) if item in part))
        known = [each for each in said if each != NOT_APPLICABLE]
        found[item] = "; ".join(known) if known else NOT_APPLICABLE
    if drivers:
        found[24] = "; ".join(filter(None, (found.get(24), _in("drivers"))))
        found.setdefault(20, "One uncertain input at a time")
    if case is not None or budget is not None or hasattr(run, "inputs"):
        found[22] = _in("inputs")
    return found


def _in(*names: str) -> str:
    """The sections that answer."""
    return "Section " + ", ".join(SECTIONS[name] for name in names)


def _model(case: BusinessCase | None, run: Simulated | None, budget: BudgetImpact | None) -> str:
    kinds = [
        kind
        for kind, result in (
            ("business case by month", case),
            ("strategies by draw", run),
            ("population x mix x cost", budget),
        )
        if result is not None
    ]
    return f"{', '.join(kinds)}, with opsafe {__version__}, whose source is public"


def _of_case(case: BusinessCase) -> dict[int, str]:
    plan = case.plan
    counted = [
        str(event)
        for event, why, number in zip(
            case.outcomes["event"],
            case.outcomes["why_not"],
            case.outcomes["averted"],
            strict=True,
        )
        if not why or number == number
    ]
    first = case.by_month
    rate = plan.discount_rate
    answers = {
        5: f"{plan.members:,} members, of whom {first['members_with_oud'][0]:,.0f} have opioid use"
        f" disorder; section {SECTIONS['inputs']}",
        7: "Medication at today's share of members, and with the programme; why is for the plan to"
        " say",
        8: _PLAN,
        9: f"{plan.horizon_months} months from {plan.start}",
        10: "No rate is given, and nothing is discounted"
        if rate is None
        else f"{100 * rate:g}% a year, {plan.discounting}, for present values only",
        13: NOT_APPLICABLE,
        14: f"{plan.basis.capitalize()} amounts; section {SECTIONS['inputs']}",
        15: f"USD in prices of {plan.price_year}",
        23: _in("outcomes", "money"),
        26: f"Limits: section {SECTIONS['cautions']}",
    }
    if plan.line_of_business != "all":
        answers[6] = f"{plan.line_of_business} members of a health plan"
    if counted:
        answers[11] = f"Averted: {', '.join(each.replace('_', ' ') for each in counted)}"
        answers[12] = f"Rates of the plan and ratios of studies; section {SECTIONS['inputs']}"
    else:
        answers |= {11: NOT_APPLICABLE, 12: NOT_APPLICABLE}
    if case.draws:
        answers[20] = f"{case.draws:,} draws, seed {case.seed}"
        answers[24] = _in("money")
    return answers


def _of_run(run: Simulated) -> dict[int, str]:
    answers = {
        7: f"Strategies: {', '.join(run.strategies)}",
        11: "Effects of strategies, in one unit",
        23: _in("strategies"),
    }
    conventions = getattr(run, "conventions", None)
    if conventions is not None:
        costs, effects = conventions.discount_rate_costs, conventions.discount_rate_effects
        answers[9] = f"{getattr(run, 'cycles', 0):,} cycles of a {conventions.cycle}"
        answers[10] = (
            "No rate is given, and nothing is discounted"
            if costs is None and effects is None
            else f"Costs {_percent(costs)}, effects {_percent(effects)}, {conventions.discounting}"
        )
    draws = run.costs.shape[1]
    if draws > 1:
        answers |= {20: f"{draws:,} draws of the strategies", 24: _in("decision")}
    return answers


def _percent(rate: float | None) -> str:
    return "not discounted" if rate is None else f"{100 * rate:g}% a year"


def _of_budget(budget: BudgetImpact) -> dict[int, str]:
    lines = budget.budget.lines
    years = len(budget.impact_usd)
    answers = {
        5: f"{budget.by_year['patients'][0]:,.0f} patients in the first year",
        7: "The current and the expected mix of treatments",
        8: _PLAN,
        9: _years(years),
        10: "A budget impact is not discounted",
        11: NOT_APPLICABLE,
        12: NOT_APPLICABLE,
        13: NOT_APPLICABLE,
        14: _in("inputs"),
        23: _in("budget"),
        26: f"Limits: section {SECTIONS['cautions']}",
    }
    prices = {line.price_year for line in lines.values()} - {None}
    if prices:
        answers[15] = f"USD in prices of {prices.pop()}"
    if len(lines) > 1:
        answers[18] = f"By line of business: {', '.join(lines)}"
    return answers


def budget_answers(budget: BudgetImpact, *, drivers: bool) -> dict[str, str]:
    """Answers by element of a budget impact analysis."""
    lines = budget.budget.lines.values()
    table = budget.by_year
    found = {
        "population": f"{_listed(table['patients'])} patients by year",
        "current_mix": _in("inputs"),
        "new_mix": _in("inputs"),
        "mix_cost": f"{_listed(table['current_usd'])} USD without the change by year,"
        f" {_listed(table['new_usd'])} with it",
        "calculator": "Population x mix x cost, without simulation",
        "perspective": _PLAN,
        "horizon": _years(len(table)),
        "discounting": "Nothing is discounted",
    }
    if any(line.condition_usd_per_patient_year is not None for line in lines):
        found["condition_cost"] = _in("inputs")
    if any(line.most_patients or "uptake" in line.model_fields_set for line in lines):
        found["uptake"] = _in("inputs")
    if len(set(table["patients"].tolist())) > 1:
        found["dynamic"] = "Patients differ by year"
    if drivers:
        found["sensitivity"] = _in("drivers")
    return found


def _listed(values: Iterable[float]) -> str:
    return ", ".join(f"{value:,.0f}" for value in values)


def _years(years: int) -> str:
    return "1 year" if years == 1 else f"{years} years"
