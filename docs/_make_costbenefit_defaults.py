"""Write docs/explanation/costbenefit-defaults.md from the edition files: run this file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from opsafe.costbenefit.editions import editions, resolve
from opsafe.costbenefit.figures import (
    Churn,
    Defaults,
    Evidence,
    EvidenceRow,
    Figures,
    PlanningValue,
    PriceIndex,
)
from opsafe.provenance import Edition
from opsafe.retention import RetentionEdition

PAGE = Path(__file__).with_name("explanation") / "costbenefit-defaults.md"
DEFAULTS = "2026-01"
NAMED = (
    "churn",
    "retention",
    "price_index",
    "utilities",
    "programme",
)

HEAD = f"""# Where every default comes from

This page is made from the edition files by `docs/_make_costbenefit_defaults.py`; a test holds it up
to date. {{mod}}`opsafe.costbenefit` uses the set `{DEFAULTS}` only where the caller says nothing,
and every result lists what it used, with its source. A *planning value* is ours: no source prints
it. The set mixes members of commercial plans and of Medicaid with patients of several countries,
so a result that rests on two of its editions warns.

Nearly all figures on savings and events are observational: they compare people who stayed in
treatment with people who did not, so selection inflates the effect. The column *design* says how
each figure was found; only a *trial* compares people whom chance set apart.

## Defaults with a source

"""

PLANNING = """
## Planning values

"""

NONE = """
## What has no default

Only a plan can know these, or published figures differ too much to pick one, so they are asked for:
members, prevalence, the share that is treated now and is to be treated, the ramp, the horizon, the
two total costs, how often events happen to members without treatment, what an event costs, the
basis of the money (charged, allowed or paid), the price year and the capacity. There is no default
discount rate: without one there is no net present value. A cohort's absolute rate is never carried
over to a plan; only ratios are. Leaving a plan by disorder was found nowhere.

## Evidence that can be picked

Each row gives the rate with treatment over the rate without. *While on treatment* needs a share on
treatment (a stock, or starts with a retention curve); *after start* already contains those who
leave, so it goes without a retention curve.

"""

ALL = """
## Every edition

`cb.parameters()` returns each number of these with its source; `cb.price_index(id)` the values of
an index. *Read* is primary where the text itself was read, secondary where an abstract or an
account of somebody else was. Results of published studies (`targets`) serve to compare direction
and size: no calculation takes them in.

"""


def table(rows: Iterator[tuple[str, ...]], *head: str) -> str:
    """Return rows as a Markdown table."""
    cells = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    lines = [head, ("---",) * len(head), *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def words(text: str) -> str:
    """Return a name of the code as words."""
    return text.replace("_", " ")


def link(found: Edition) -> str:
    """Return the source, with its address where it has one."""
    source = found.source
    return f"[{source.title}]({source.address})" if source.address[:4] == "http" else source.title


def value(found: Edition) -> str:
    """Return what an edition holds, in a few words."""
    if isinstance(found, Churn):
        december = f", {found.december} in December" if found.december else ""
        return f"{found.monthly_mean} a month on average{december}"
    if isinstance(found, RetentionEdition):
        points = ", ".join(f"{share} at month {month}" for month, share in found.points)
        return f"{points}; gap over {found.gap_days} days"
    if isinstance(found, PriceIndex):
        first, last = found.years
        return f"{first} to {last}, {found.base} = 100"
    if isinstance(found, Figures):
        return "; ".join(f"{words(row.name)} {row.value} {row.unit}" for row in found.rows[:3])
    return found.title


def design(found: Edition) -> str:
    """Return how the figures were found; retention curves are counted in claims."""
    if isinstance(found, RetentionEdition):
        return "claims"
    return words(getattr(found, "design", ""))


def population(found: Edition) -> str:
    """Return of whom the figures are."""
    return str(getattr(found, "population", None) or getattr(found, "covers", ""))


def dollar_years(found: Edition) -> str:
    """Return the years of the prices as they are stated."""
    if not isinstance(found, Figures):
        return ""
    years = dict.fromkeys(row.dollar_year for row in found.rows if row.dollar_year)
    return ", ".join(years)


def figures(defaults: Defaults) -> Iterator[tuple[str, ...]]:
    """Return a row for each edition that stands as a default."""
    named = [(name, getattr(defaults, name)) for name in NAMED]
    for name, given in [*named, *(("evidence", each) for each in defaults.evidence)]:
        found = resolve(given, Edition, name)
        yield (
            words(name),
            f"`{given}`",
            value(found),
            design(found),
            population(found),
            dollar_years(found),
            found.source.read,
            link(found),
        )


def planning(defaults: Defaults) -> Iterator[tuple[str, ...]]:
    """Return a row for each planning value."""
    for name in type(defaults).model_fields:
        given = getattr(defaults, name)
        if isinstance(given, PlanningValue):
            yield (words(name), str(given.value), given.reason)


def ratio(row: EvidenceRow) -> str:
    """Return the ratio, turned the same way for all, with what is printed."""
    interval = f", {row.low} to {row.high}" if row.low is not None else ""
    return f"{float(row.ratio or 0):.3g} ({words(row.measure)} {row.value}{interval})"


def evidence() -> Iterator[tuple[str, ...]]:
    """Return a row for each comparison with no treatment."""
    for found in editions():
        if isinstance(found, Evidence):
            for row in found.rows:
                if row.ratio is not None:
                    yield (
                        f"`{found.id}`",
                        words(row.event),
                        row.medication,
                        ratio(row),
                        words(row.scope)
                        + (f", within {row.within_months} months" if row.within_months else ""),
                        design(found),
                        found.population,
                    )


def every() -> Iterator[tuple[str, ...]]:
    """Return a row for each edition."""
    for found in sorted(editions(), key=lambda each: each.id):
        if not isinstance(found, Defaults):
            yield (
                f"`{found.id}`",
                words(getattr(found, "holds", "")),
                found.title,
                design(found),
                dollar_years(found),
                found.source.read,
                f"{found.source.publisher}: {link(found)}, {found.source.locator}",
            )


def page() -> str:
    """Return the whole page."""
    defaults = resolve(DEFAULTS, Defaults, "defaults")
    return (
        HEAD
        + table(
            figures(defaults),
            *("Input", "Edition", "Value", "Design", "Population", "Dollar year"),
            *("Read", "Source"),
        )
        + PLANNING
        + table(planning(defaults), "Input", "Value", "Reason")
        + NONE
        + table(
            evidence(),
            *("Edition", "Event", "Medication", "Ratio", "Holds", "Design", "Population"),
        )
        + ALL
        + table(every(), "Edition", "Kind", "Title", "Design", "Dollar year", "Read", "Source")
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
