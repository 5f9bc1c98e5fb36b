"""A case as a short memo, as HTML and as a record: outcomes first, then money, then the grounds."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from opsafe import __version__
from opsafe.columns import Columns

__all__ = ["MONEY", "as_html", "as_record", "as_text", "memo_sections"]

Case: TypeAlias = Any
"""A business case; it shows itself through this module, which so cannot import it."""
TABLES = ("outcomes", "categories", "by_year", "by_month", "by_category_and_month", "intervals",
          "inputs")  # fmt: skip
FIGURES = (
    "net_saving",
    "spending",
    "saving",
    "roi",
    "npv",
    "benefit_cost_ratio",
    "pmpm",
    "pmpm_oud",
    "payback_month",
    "break_even_uptake",
    "break_even_saving",
    "saving_per_treated_member_month",
    "mlr_points",
    "added_treated_member_months",
    "most_waiting",
)
MONEY = (
    ("net_saving", "net saving, USD", "{:,.0f}"),
    ("spending", "spending that rises, USD", "{:,.0f}"),
    ("saving", "saving, USD", "{:,.0f}"),
    ("roi", "return on spending", "{:.1%}"),
    ("npv", "net present value, USD", "{:,.0f}"),
    ("benefit_cost_ratio", "benefit-cost ratio", "{:.2f}"),
    ("pmpm", "net saving per member per month, USD", "{:,.3f}"),
    ("pmpm_oud", "net saving per member with the disorder per month, USD", "{:,.2f}"),
    ("payback_month", "payback month", "{:d}"),
    ("break_even_uptake", "break-even uptake", "{:.2%}"),
    (
        "break_even_saving",
        "break-even saving per treated member-month, as the plan pays, USD",
        "{:,.2f}",
    ),
    ("saving_per_treated_member_month", "saving per treated member-month here, USD", "{:,.2f}"),
    ("mlr_points", "medical loss ratio, percentage points", "{:+.3f}"),
)
"""Figures of money, what they are called, and how they are written."""
_EVENTS = {"death": "deaths", "overdose": "overdoses", "ed_visit": "ED visits",
           "admission": "admissions"}  # fmt: skip


def memo_sections(case: Case) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Headings with their lines, each a name and what it comes to."""
    yield "Outcomes over the horizon", list(_outcomes(case))
    yield "Money", list(_money(case))
    if case.draws:
        yield f"Of {case.draws:,} draws", list(_draws(case))


def _outcomes(case: Case) -> Iterator[tuple[str, str]]:
    table = case.outcomes
    rows = (table[name].tolist() for name in table.keys())  # noqa: SIM118
    for event, averted, yearly, needed, why in zip(*rows, strict=True):
        name = f"{_EVENTS[event]} averted"
        if math.isnan(averted):
            yield name, f"not counted: {why}"
            continue
        told = f"{averted:,.1f} ({yearly:,.1f} a year)"
        yield (
            name,
            told if math.isnan(needed) else f"{told}; treat {needed:,.1f} for a year for one",
        )
    yield "added member-months on treatment", f"{case.added_treated_member_months:,.0f}"
    if case.most_waiting > 0:
        yield "most members waiting", f"{case.most_waiting:,.0f}"


def _money(case: Case) -> Iterator[tuple[str, str]]:
    for name, words, form in MONEY:
        value = getattr(case, name)
        if value is not None:
            yield words, form.format(value)
        elif name in case.why_no:
            yield words, f"none: {case.why_no[name]}"


def _draws(case: Case) -> Iterator[tuple[str, str]]:
    gain = case.probability_of_gain
    assert gain is not None
    yield "probability of a gain", f"{gain.value:.1%} (standard error {gain.standard_error:.1%})"
    table = case.intervals
    for at, name in enumerate(table["figure"].tolist()):
        low, high = float(table["low"][at]), float(table["high"][at])
        if not math.isnan(low):
            words = name.replace("_", " ")
            yield f"{words}, {case.level:.0%} of the draws", f"{_short(low)} to {_short(high)}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def title_of(case: Case) -> str:
    """What the case is called, and over which months."""
    plan = case.plan
    name = plan.title or f"Business case: {plan.line_of_business} members"
    span = f"{plan.horizon_months} months from {plan.start}"
    return f"{name}, {span}, {plan.basis} amounts in {plan.price_year} USD"


def as_text(case: Case) -> str:
    """The memo as lines of text."""
    lines = [title_of(case)]
    for heading, rows in memo_sections(case):
        lines.append(heading)
        lines += [f"  {name}: {told}" for name, told in rows]
    lines.append(f"Mind ({len(case.cautions)})")
    lines += [f"  - {caution}" for caution in case.cautions]
    lines.append(f"Defaults {case.defaults_id}; opsafe {__version__}")
    return "\n".join(lines)


def as_html(case: Case) -> str:
    """The memo as HTML."""
    parts = [f"<h3>{html.escape(title_of(case))}</h3>"]
    for heading, rows in memo_sections(case):
        cells = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(told)}</td></tr>"
            for name, told in rows
        )
        parts.append(f"<h4>{html.escape(heading)}</h4><table><tbody>{cells}</tbody></table>")
    listed = "".join(f"<li>{html.escape(caution)}</li>" for caution in case.cautions)
    parts.append(f"<h4>Mind</h4><ul>{listed}</ul>")
    parts.append(f"<p>Defaults {html.escape(case.defaults_id)}; opsafe {__version__}</p>")
    return "".join(parts)


def as_record(case: Case) -> dict[str, Any]:
    """The case as what JSON can hold."""
    gain = case.probability_of_gain
    return {
        "schema_version": 1,
        "opsafe_version": __version__,
        "arguments": {
            "defaults": case.defaults_id,
            "draws": case.draws,
            "seed": case.seed,
            "level": case.level,
        },
        "plan": case.plan.model_dump(mode="json"),
        "figures": {name: getattr(case, name) for name in FIGURES},
        "why_no": dict(case.why_no),
        "probability_of_gain": None if gain is None else gain.value,
        **{name: list(rows_of(getattr(case, name))) for name in TABLES},
        "cautions": list(case.cautions),
        "editions": [each.model_dump() for each in case.editions],
    }


def rows_of(table: Columns) -> Iterable[dict[str, Any]]:
    """Rows of a table as JSON holds them: dates as text, what is missing as null."""
    names = table.keys()
    columns = [table[name] for name in names]
    listed = [
        column.astype(str).tolist() if column.dtype.kind == "M" else column.tolist()
        for column in columns
    ]
    for row in zip(*listed, strict=True):
        yield {name: None if value != value else value
               for name, value in zip(names, row, strict=True)}  # fmt: skip
