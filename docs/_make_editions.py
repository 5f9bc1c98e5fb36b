"""Write docs/editions.md from the edition files: `python docs/_make_editions.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from opsafe.costbenefit import editions as costbenefit_editions
from opsafe.mme.conversion import ConversionEdition
from opsafe.mme.editions import editions, last_day
from opsafe.mme.factors import Factor, LinearFactor, NoFactor, PatchFactor, TieredFactor
from opsafe.oud import editions as oud_editions
from opsafe.provenance import Edition
from opsafe.ranking import editions as ranking_editions
from opsafe.workforce import editions as workforce_editions

PAGE = Path(__file__).with_name("editions.md")

HEAD = """---
orphan: true
---

# The editions side by side

This page is made from the edition files by `docs/_make_editions.py`; a test holds it up to date.
Each edition is one published table. Where two disagree, both are here and nothing is merged.

## What is shipped

The last day is the day before the first day of what supersedes the edition. *Secondary* means that
the figures were read where somebody restates them. Only a guideline was meant for one patient;
`mme.daily` warns with every other edition.

"""

FACTORS = """
## Factors side by side

MME for one unit of the dose (mg or mcg), and for one mcg/h of a patch: *a day* where the table
prints it so, *a patch* where it prints it for the whole time that one patch is worn (fentanyl 3
days, buprenorphine 7), so that 7.2 a patch and 2.4 a day are the same. *None* is a drug that the
table lists without a factor, which is not zero. An empty cell is a drug, route or form that the
table does not list. Tiers apply to the whole dose of a day.

"""

OUD = """
## Criteria, codes and instruments of opioid use disorder

No wording of a manual or of a form is shipped: identifiers, counts, thresholds, allowed points and
labels of our own are. {doc}`explanation/oud-method` says how they are used.

"""

WORKFORCE = """
## Figures, rules and standards of the treatment workforce

Figures that the engine may be given, and those that it takes where nothing is said:
{doc}`workforce-defaults`. {doc}`explanation/workforce-method` says how they are used.

"""

COSTBENEFIT = """
## Costs, effects, churn and price indices

What is a default, how each figure was found, of whom and in prices of which year:
{doc}`explanation/costbenefit-defaults`. How they are used: {doc}`explanation/costbenefit-method`.
Retention curves are shared with the workforce.

"""

RANKING = """
## Ranking of initiatives

The numbers of our own that the engine takes where nothing is said, each with its reason:
{doc}`explanation/ranking-method`.

"""

CITATIONS = """
## Citations

To paste into a report. The digits at the end are the start of the hash of the values, by which a
reader can tell that nothing was edited.

"""

NOTES = """
## Notes

"""


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a Markdown table; the first one is its head."""
    head, *body = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    rule = ["---"] * len(head)
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, rule, *body))


def first_day(edition: Edition) -> str:
    """Return the first day as precisely as it is known."""
    digits = {"day": 10, "month": 7, "year": 4}[edition.effective_precision]
    return str(edition.effective_from)[:digits]


def source_line(edition: Edition) -> str:
    """Return the source with its address as a link."""
    source = edition.source
    address = f"<{source.address}>" if source.address.startswith("https:") else source.address
    return f"{source.title} ({source.publisher}), {source.locator}: {address}"


def shipped_row(edition: ConversionEdition) -> tuple[str, ...]:
    """Return one line of the first table."""
    last = last_day(edition.id)
    return (
        f"`{edition.id}`",
        first_day(edition),
        str(last) if last else "",
        edition.source.read,
        ", ".join(edition.intended_use),
        source_line(edition),
    )


def short_row(edition: Edition) -> tuple[str, ...]:
    """Return one line of the table of another engine."""
    return (f"`{edition.id}`", first_day(edition), edition.source.read, source_line(edition))


def titled_row(edition: Edition) -> tuple[str, ...]:
    """Return the same line with what the edition says."""
    head, *rest = short_row(edition)
    return (head, edition.title, *rest)


def places(ingredient: str) -> list[tuple[str | None, str | None]]:
    """Return every route and form that any edition tells apart; None is any."""
    found = {
        (route, form)
        for edition in editions()
        for factor in edition.factors
        if factor.ingredient == ingredient
        for route in factor.routes or (None,)
        for form in factor.forms or (None,)
    }
    return sorted(found, key=lambda place: (place[0] or "~", place[1] or ""))


def cell(factor: Factor | None) -> str:
    """Return a factor in a few characters."""
    if isinstance(factor, LinearFactor):
        return f"{factor.value.normalize():f}"
    if isinstance(factor, PatchFactor):
        return f"{factor.value.normalize():f} {factor.basis.replace('per_', 'a ')}"
    if isinstance(factor, TieredFactor):
        return ", ".join(f"{tier.value} ({tier.printed})" for tier in factor.tiers)
    return "none" if isinstance(factor, NoFactor) else ""


def factor_rows() -> list[tuple[str, ...]]:
    """Return the second table: routes and forms with the same answers share a line."""
    shown = editions()
    names = sorted({name for edition in shown for name in edition.ingredients()})
    lines: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for name in names:
        for route, form in places(name):
            found = [edition.lookup(name, route, form) for edition in shown]
            units = {row.unit for row in found if row and not isinstance(row, NoFactor)}
            key = (name, ", ".join(sorted(units)), *(cell(row) for row in found))
            lines.setdefault(key, []).append((route or "any", form or "any"))
    return [
        (name, joined(route for route, _ in where), joined(form for _, form in where), *cells)
        for (name, *cells), where in lines.items()
    ]


def joined(words: Iterable[str]) -> str:
    """Return each word once, in order."""
    return ", ".join(dict.fromkeys(words))


def page() -> str:
    """Return the whole page."""
    shown = editions()
    shipped = [
        ("Id", "First day", "Last day", "Read", "Meant for", "Source"),
        *(shipped_row(edition) for edition in shown),
    ]
    factors = [
        ("Ingredient", "Route", "Form", "Unit", *(f"`{edition.id}`" for edition in shown)),
        *factor_rows(),
    ]
    others = (
        *oud_editions(),
        *workforce_editions(),
        *costbenefit_editions(),
        *ranking_editions(),
    )
    # Engines share retention curves.
    every = (*shown, *{(one.id, one.values_hash()): one for one in others}.values())
    citations = (f"`{edition.id}`\n: {edition.citation()}\n" for edition in every)
    notes = (
        f"`{edition.id}`\n: {f'{edition.note} {edition.source.note}'.strip()}\n"
        for edition in every
    )
    oud = [("Id", "First day", "Read", "Source"), *map(short_row, oud_editions())]
    workforce = [
        ("Id", "Holds", "First day", "Read", "Source"),
        *map(titled_row, workforce_editions()),
    ]
    costbenefit = [workforce[0], *map(titled_row, costbenefit_editions())]
    ranking = [workforce[0], *map(titled_row, ranking_editions())]
    return (
        HEAD
        + table(shipped)
        + FACTORS
        + table(factors)
        + OUD
        + table(oud)
        + WORKFORCE
        + table(workforce)
        + COSTBENEFIT
        + table(costbenefit)
        + RANKING
        + table(ranking)
        + CITATIONS
        + "\n".join(citations)
        + NOTES
        + "\n".join(notes)
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
