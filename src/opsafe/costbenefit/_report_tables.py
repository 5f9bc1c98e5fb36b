"""The tables of a report; a table that nobody asked for has its columns and no row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from opsafe.columns import Column, Columns, Text
from opsafe.costbenefit._case_memo import MONEY
from opsafe.costbenefit._case_tables import PLURALS
from opsafe.costbenefit.acceptability import ceaf
from opsafe.costbenefit.frontier import Frontier
from opsafe.costbenefit.information import evpi
from opsafe.uncertainty import Swing

if TYPE_CHECKING:
    from opsafe.costbenefit.budget_impact import BudgetImpact
    from opsafe.costbenefit.business_case import BusinessCase
    from opsafe.costbenefit.outcomes import Simulated

__all__ = [
    "budget_table",
    "case_tables",
    "conventions_table",
    "decision_table",
    "drivers_table",
    "inputs_table",
    "strategies_table",
]

_NUMBER: Final = np.zeros(0)
_WORDS: Final = Text.of(())
_CASE: Final[Mapping[str, Mapping[str, Column]]] = {
    "outcomes": {
        "event": _WORDS,
        "averted": _NUMBER,
        "averted_per_year": _NUMBER,
        "number_needed_to_treat": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "why_not": _WORDS,
    },
    "money": {
        "figure": _WORDS,
        "value": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "why_not": _WORDS,
    },
    "by_year": {
        "fiscal_year": np.zeros(0, np.int64),
        "months": np.zeros(0, np.int64),
        "spending_usd": _NUMBER,
        "saving_usd": _NUMBER,
        "net_saving_usd": _NUMBER,
        "cumulative_net_saving_usd": _NUMBER,
    },
    "categories": {"category": _WORDS, "spending_usd": _NUMBER, "saving_usd": _NUMBER},
}


def case_tables(case: BusinessCase | None) -> dict[str, Columns]:
    """Outcomes, money, fiscal years and categories of a business case."""
    if case is None:
        return {name: Columns(columns) for name, columns in _CASE.items()}
    spread = {
        str(name): (float(low), float(high))
        for name, low, high in zip(
            case.intervals["figure"], case.intervals["low"], case.intervals["high"], strict=True
        )
    }
    plurals = [f"{PLURALS[event]}_averted" for event in case.outcomes["event"]]
    return {
        "outcomes": _chosen(case.outcomes, _CASE["outcomes"], _ends(spread, plurals)),
        "money": _money(case, spread),
        "by_year": _chosen(case.by_year, _CASE["by_year"]),
        "categories": _chosen(case.categories, _CASE["categories"]),
    }


def _money(case: BusinessCase, spread: Mapping[str, tuple[float, float]]) -> Columns:
    names = [name for name, _, _ in MONEY]
    values = [getattr(case, name) for name in names]
    return Columns(
        {
            "figure": Text.of(words for _, words, _ in MONEY),
            "value": np.array([np.nan if value is None else float(value) for value in values]),
            **_ends(spread, names),
            "why_not": Text.of(
                case.why_no.get(name, "") if value is None else ""
                for name, value in zip(names, values, strict=True)
            ),
        }
    )


def _ends(spread: Mapping[str, tuple[float, float]], names: Sequence[str]) -> dict[str, Column]:
    ends = [spread.get(name, (np.nan, np.nan)) for name in names]
    return {side: np.array([end[at] for end in ends]) for at, side in enumerate(("low", "high"))}


def _chosen(
    table: Columns, names: Iterable[str], more: Mapping[str, Column] | None = None
) -> Columns:
    added = more or {}
    return Columns({name: added[name] if name in added else table.column(name) for name in names})


def budget_table(budget: BudgetImpact | None) -> Columns:
    """Impact by line of business and year."""
    names = ("line", "year", "patients", "treated", "current_usd", "new_usd", "impact_usd",
             "impact_usd_per_member_month")  # fmt: skip
    if budget is not None:
        return _chosen(budget.by_line, names)
    whole = np.zeros(0, np.int64)
    first: dict[str, Column] = {"line": _WORDS, "year": whole}
    return Columns({**first, **dict.fromkeys(names[2:], _NUMBER)})


def strategies_table(found: Frontier | None) -> Columns:
    """Strategies by rising cost, with what each step along the frontier costs."""
    if found is not None:
        return found.table
    words = ("strategy", "status", "compared_with", "reason")
    names = ("strategy", "status", "cost_usd", "effect", "compared_with", "incremental_cost_usd",
             "incremental_effect", "icer_usd_per_effect", "icer_standard_error",
             "reason")  # fmt: skip
    return Columns({name: _WORDS if name in words else _NUMBER for name in names})


def decision_table(run: Simulated | None, thresholds: npt.ArrayLike) -> Columns:
    """The strategy to choose by threshold, how likely it is the best, and what knowing is worth."""
    if run is None or not np.size(thresholds):
        words: dict[str, Any] = {"threshold_usd": _NUMBER, "best": _WORDS}
        return Columns(
            {**words, **dict.fromkeys(("probability", "standard_error", "evpi_usd",
                                       "evpi_standard_error_usd"), _NUMBER)}
        )  # fmt: skip
    chosen, worth = ceaf(run, thresholds), evpi(run, thresholds)
    return Columns(
        {
            "threshold_usd": chosen.thresholds_usd,
            "best": Text.of(chosen.strategies),
            "probability": chosen.probability,
            "standard_error": chosen.standard_error,
            "evpi_usd": worth.value_usd,
            "evpi_standard_error_usd": worth.standard_error_usd,
        }
    )


def drivers_table(swings: Mapping[str, Sequence[Swing]]) -> Columns:
    """What each uncertain input alone does to a result."""
    rows = [(result, swing) for result, each in swings.items() for swing in each]
    return Columns(
        {
            "result": Text.of(result for result, _ in rows),
            "input": Text.of(swing.name for _, swing in rows),
            "input_low": np.array([swing.low_input for _, swing in rows], np.float64),
            "input_high": np.array([swing.high_input for _, swing in rows], np.float64),
            "usd_at_low": np.array([swing.at_low for _, swing in rows], np.float64),
            "usd_at_high": np.array([swing.at_high for _, swing in rows], np.float64),
        }
    )


def conventions_table(
    case: BusinessCase | None,
    run: Simulated | None,
    budget: BudgetImpact | None,
    found: Frontier | None,
) -> Columns:
    """Every convention that a number of the report rests on."""
    rows: list[tuple[str, str, str]] = []
    if case is not None:
        rows += [("business case", *row) for row in _of_case(case)]
    conventions = getattr(run, "conventions", None)
    if conventions is not None:
        rows.append(("strategies", "time", conventions.describe()))
    if found is not None:
        rows.append(("strategies", "ties", found.tie_rule))
    if budget is not None:
        rows += [
            ("budget impact", "sign", "positive where the plan spends more"),
            ("budget impact", "time", "by year, not discounted"),
        ]
    of, convention, said = zip(*rows, strict=True) if rows else ((), (), ())
    return Columns({"of": Text.of(of), "convention": Text.of(convention), "said": Text.of(said)})


def _of_case(case: BusinessCase) -> list[tuple[str, str]]:
    plan = case.plan
    rate = "no rate is given, so there is no present value"
    if plan.discount_rate is not None:
        rate = (
            f"{100 * plan.discount_rate:g}% a year, {plan.discounting}, month k at (k - 1/2)/12"
            " years, what is spent at once at 0; for present values only"
        )
    return [
        ("sign", "positive where the plan gains"),
        ("money", f"{plan.basis} amounts, USD in prices of {plan.price_year}"),
        ("savings", plan.savings.replace("_", " ")),
        ("population", "closed: today's members only"
         if plan.closed else "open: who leaves is replaced by untreated members"),
        ("return on spending", "net over all spending that rises, not discounted"),
        ("payback", "first month whose cumulative net is at least 0 and stays so"),
        ("discounting", rate),
    ]  # fmt: skip


def inputs_table(tables: Mapping[str, Columns]) -> Columns:
    """Inputs of every part, with origin and source."""
    names = ("input", "value", "origin", "source")
    parts = Text.of(of for of, table in tables.items() for _ in range(len(table)))
    return Columns(
        {
            "of": parts,
            **{
                name: Text.of(str(each) for table in tables.values() for each in table[name])
                for name in names
            },
        }
    )
