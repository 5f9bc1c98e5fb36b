"""What changed between two editions, drug by drug."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from opsafe.columns import Column, Columns
from opsafe.mme.conversion import ConversionEdition, distinct
from opsafe.mme.editions import edition
from opsafe.mme.factors import Factor, LinearFactor, NoFactor, PatchFactor, TieredFactor

__all__ = ["Change", "Comparison", "ComparisonRow", "compare"]

Change: TypeAlias = Literal["changed", "added", "removed", "same"]

_NOT_LISTED = "not listed"
_HEAD = ("ingredient", "route", "form", "old", "new", "change", "ratio")


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One drug, route and form in two editions.

    Parameters
    ----------
    ingredient : str
        Canonical name of the opioid.
    route, form : str
        Canonical words; ``"any"``, or ``"any other"`` beside rows that name some.
    old, new : str
        The factor with its unit, ``"listed, no factor"`` or ``"not listed"``.
    change : {"changed", "added", "removed", "same"}
        ``added`` and ``removed`` speak of the factor: a drug that stays in the table and loses
        its factor has it removed.
    ratio : fractions.Fraction or None
        New over old, for the same dose; None for tiers and where either has no factor.
    """

    ingredient: str
    route: str
    form: str
    old: str
    new: str
    change: Change
    ratio: Fraction | None

    def _cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{float(self.ratio):.4g}"
        return (
            self.ingredient, self.route, self.form, self.old, self.new, self.change, ratio,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two editions set against each other; printing it shows the rows that differ.

    Parameters
    ----------
    old, new : ConversionEdition
        The editions.
    all_rows : tuple of ComparisonRow
        One for each drug, route and form that either edition tells apart, sorted.
    """

    old: ConversionEdition
    new: ConversionEdition
    all_rows: tuple[ComparisonRow, ...]

    @property
    def rows(self) -> Columns:
        """Every row, as a table of columns."""
        rows = self.all_rows
        ratios = [np.nan if row.ratio is None else float(row.ratio) for row in rows]
        columns: dict[str, Column] = {
            name: _text_column([getattr(row, name) for row in rows]) for name in _HEAD[:-1]
        }
        return Columns(columns | {"ratio": np.array(ratios, np.float64)})

    @property
    def differences(self) -> tuple[ComparisonRow, ...]:
        """The rows that are not the same in both."""
        return tuple(row for row in self.all_rows if row.change != "same")

    def _title(self) -> str:
        same = len(self.all_rows) - len(self.differences)
        return (
            f"{self.old.id} to {self.new.id}: {len(self.differences)} rows differ, {same} are the"
            " same"
        )

    def _shown(self) -> list[tuple[str, ...]]:
        """Cells of the rows that differ, routes with the same answer on one line."""
        routes: dict[tuple[str, ...], list[str]] = {}
        for row in self.differences:
            ingredient, route, *rest = row._cells()
            routes.setdefault((ingredient, *rest), []).append(route)
        return [(key[0], ", ".join(names), *key[1:]) for key, names in routes.items()]

    def __str__(self) -> str:
        table = [_HEAD, *self._shown()]
        widths = [max(len(row[column]) for row in table) for column in range(len(_HEAD))]
        lines = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in table
        )
        return "\n".join([self._title(), *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{cell}</th>" for cell in _HEAD)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._shown()
        )
        return (
            f"<table><caption>{html.escape(self._title())}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def compare(old: str | ConversionEdition, new: str | ConversionEdition) -> Comparison:
    """Compare two editions drug by drug.

    Parameters
    ----------
    old, new : str or ConversionEdition
        Ids of :func:`opsafe.mme.editions`, or editions of your own.

    Returns
    -------
    Comparison
        A row for each ingredient, route and form; ``.rows`` are columns.

    Raises
    ------
    EditionNotFoundError
        An id is not known.
    ArgumentTypeError
        An argument is neither an id nor an edition.

    Notes
    -----
    Patches are compared by MME a day for each mcg/h, so that 2.4 a day and 7.2 a patch of 3 days
    are the same; factors per mg and per mcg are compared per mg.

    Examples
    --------
    >>> changes = compare("cdc-2016", "cdc-2022")
    >>> [(row.ingredient, row.change) for row in changes.differences][1:]
    [('hydromorphone', 'changed'), ('methadone', 'changed'), ('tramadol', 'added')]
    """
    before = old if isinstance(old, ConversionEdition) else edition(old)
    after = new if isinstance(new, ConversionEdition) else edition(new)
    names = sorted({*before.ingredients(), *after.ingredients()})
    rows = (
        _row(before, after, name, route, form)
        for name in names
        for route, form in _places(before, after, name)
    )
    return Comparison(before, after, tuple(rows))


def _places(
    old: ConversionEdition, new: ConversionEdition, ingredient: str
) -> Iterator[tuple[str | None, str | None]]:
    """Yield every route and form that either edition tells apart; None means any other."""
    listed = [f for f in (*old.factors, *new.factors) if f.ingredient == ingredient]
    routes = sorted(distinct(route for factor in listed for route in factor.routes))
    for route in routes:
        here = [factor for factor in listed if route in factor.routes]
        yield from ((route, form) for form in sorted({f for row in here for f in row.forms}))
        if any(not factor.forms for factor in here):
            yield route, None
    everywhere = [factor for factor in listed if not factor.routes]
    yield from ((None, form) for form in sorted({f for row in everywhere for f in row.forms}))
    if any(not factor.forms for factor in everywhere):
        yield None, None


def _row(
    old: ConversionEdition,
    new: ConversionEdition,
    ingredient: str,
    route: str | None,
    form: str | None,
) -> ComparisonRow:
    before = old.lookup(ingredient, route, form)
    after = new.lookup(ingredient, route, form)
    listed = [f for f in (*old.factors, *new.factors) if f.ingredient == ingredient]
    routes_named = any(factor.routes for factor in listed)
    forms_named = any(factor.forms for factor in listed if route is None or route in factor.routes)
    return ComparisonRow(
        ingredient=ingredient,
        route=route or ("any other" if routes_named else "any"),
        form=form or ("any other" if forms_named else "any"),
        old=before.text if before else _NOT_LISTED,
        new=after.text if after else _NOT_LISTED,
        change=_change(before, after),
        ratio=_ratio(before, after),
    )


def _change(old: Factor | None, new: Factor | None) -> Change:
    had = old is not None and not isinstance(old, NoFactor)
    has = new is not None and not isinstance(new, NoFactor)
    if had != has:
        return "added" if has else "removed"
    if not had:
        return "same" if (old is None) == (new is None) else "changed"
    return "same" if _meaning(old) == _meaning(new) else "changed"


def _meaning(factor: Factor | None) -> object:
    """Return what two rows must share to give the same MME."""
    if isinstance(factor, TieredFactor):
        return tuple((tier.above, tier.up_to, tier.value) for tier in factor.tiers)
    if isinstance(factor, PatchFactor):
        return ("patch", factor.per_day, factor.wear_days)
    return _per_unit(factor)


def _per_unit(factor: Factor | None) -> Fraction | None:
    """Return MME per mg, or a day for each mcg/h of a patch."""
    if isinstance(factor, LinearFactor):
        return Fraction(factor.value) * (1000 if factor.unit == "mcg" else 1)
    if isinstance(factor, PatchFactor):
        return factor.per_day
    return None


def _ratio(old: Factor | None, new: Factor | None) -> Fraction | None:
    before, after = _per_unit(old), _per_unit(new)
    if before is None or after is None or type(old) is not type(new):
        return None
    return after / before


def _text_column(words: list[str]) -> npt.NDArray[np.object_]:
    column = np.empty(len(words), object)
    column[:] = words
    return column
