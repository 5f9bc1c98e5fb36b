"""Write docs/workforce-defaults.md from the edition files: run this file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from opsafe.provenance import Edition
from opsafe.retention import RetentionEdition
from opsafe.workforce import edition
from opsafe.workforce.figures import (
    CareModel,
    Conversion,
    Defaults,
    DemandFigure,
    Panel,
    PlanningValue,
    PoolCurve,
)

PAGE = Path(__file__).with_name("workforce-defaults.md")
DEFAULTS = "2026-01"

HEAD = f"""---
orphan: true
---

# What is a default, and where it comes from

This page is made from the edition `{DEFAULTS}` by `docs/_make_workforce_defaults.py`; a test holds
it up to date. {{mod}}`opsafe.workforce` uses these figures only where the caller says nothing, and
every result lists those that it used. A *planning value* is ours: no source prints it.

## Figures with a source

"""

PLANNING = """
## Planning values

"""

NONE = """
## What has no default

Figures that were searched for and not found, or that only the caller can know, are asked for: the
plan's share of panels, yearly exits of prescribers, hours of a head, places of programmes, the
share of members at risk who need treatment. There is no one figure for prevalence, undercount and
seeking either: published ones differ more than tenfold, so a demand names each of its own. The
short form alone takes a low and a high from editions, and lists them.
"""


def table(rows: Iterator[tuple[str, ...]], *head: str) -> str:
    """Return rows as a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def value(found: Edition) -> str:
    """Return what an edition holds, in a few words."""
    if isinstance(found, Panel):
        return f"{found.mean_patients} patients a prescriber"
    if isinstance(found, Conversion):
        steps = f"{found.from_stage} to {found.to_stage}".replace("_", " ")
        counts = f"{found.converted} of {found.of}" if found.of else f"{found.share}"
        return f"{steps}: {counts}"
    if isinstance(found, RetentionEdition):
        points = ", ".join(f"{share} after {month} months" for month, share in found.points)
        return f"{points}; gap over {found.gap_days} days"
    if isinstance(found, DemandFigure):
        return f"{found.quantity} {found.value}"
    if isinstance(found, CareModel):
        return f"{found.physician_hours} hours of a physician per patient-year"
    if isinstance(found, PoolCurve):
        return f"first {found.base_patients} patients, decay {found.decay_per_provider}"
    return found.title


def figures(defaults: Defaults) -> Iterator[tuple[str, ...]]:
    """Return a row for each edition that stands as a default."""
    for name in type(defaults).model_fields:
        given = getattr(defaults, name)
        if name in Edition.model_fields or name == "holds" or isinstance(given, PlanningValue):
            continue
        for each in (given,) if isinstance(given, str) else given:
            found = edition(each)
            yield (
                name.replace("_", " "),
                f"`{each}`",
                value(found),
                "planning value" if found.kind == "planning" else found.source.read,
                f"[{found.source.title}]({found.source.address})"
                if found.source.address.startswith("http")
                else found.source.title,
            )


def planning(defaults: Defaults) -> Iterator[tuple[str, ...]]:
    """Return a row for each planning value."""
    for name in type(defaults).model_fields:
        given = getattr(defaults, name)
        if isinstance(given, PlanningValue):
            yield (name.replace("_", " "), str(given.value), given.reason)


def page() -> str:
    """Return the whole page."""
    defaults = edition(DEFAULTS)
    assert isinstance(defaults, Defaults)
    return (
        HEAD
        + table(figures(defaults), "Input", "Edition", "Value", "Read", "Source")
        + PLANNING
        + table(planning(defaults), "Input", "Value", "Reason")
        + NONE
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
