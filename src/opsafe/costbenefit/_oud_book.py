"""The numbers of a ready model: each from an edition or the caller, with its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from opsafe._arguments import plain
from opsafe.columns import Columns, Text
from opsafe.costbenefit import figures
from opsafe.costbenefit._rows import Row
from opsafe.costbenefit.editions import edition
from opsafe.costbenefit.prices import inflate
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import Edition, EditionUsed
from opsafe.uncertainty import Distribution, Triangular, Uniform

__all__ = ["Book", "Ranges"]

Ranges: TypeAlias = Literal["fixed", "uniform", "triangular"]
"""What a range without a stated distribution stands for."""


@dataclass(frozen=True, slots=True)
class _Entry:
    parameter: str
    value: float
    low: float
    high: float
    unit: str
    dollar_year: str
    origin: str
    population: str
    design: str
    edition: str
    source: str


@dataclass(slots=True)
class Book:
    """Parameters of a model with where each is from."""

    own: Mapping[str, float | Distribution]
    price_year: int
    index: str
    ranges: Ranges
    parameters: dict[str, Any] = field(default_factory=dict)
    entries: list[_Entry] = field(default_factory=list)
    editions: dict[str, EditionUsed] = field(default_factory=dict)
    populations: dict[str, str] = field(default_factory=dict)
    cautions: dict[str, None] = field(default_factory=dict)
    held_fixed: list[str] = field(default_factory=list)

    def take(
        self,
        name: str,
        from_edition: str,
        row: str,
        unit: str,
        *,
        scale: float = 1.0,
        ratio: bool = False,
    ) -> None:
        """Read a number from a row of an edition, unless the caller gave it.

        ``unit`` is that of the parameter, ``scale`` takes the row's to it, and ``ratio`` reads a
        row of evidence as treated over untreated. Dollars become those of the price year.
        """
        if name in self.own:
            self.give(name, unit)
            return
        found = self._figures(from_edition)
        printed = found.row(row)
        drawn: Distribution | None = printed.distribution
        value = float(printed.value) * scale
        if ratio:
            assert isinstance(printed, figures.EvidenceRow) and printed.ratio is not None
            drawn, value = printed.ratio_distribution, float(printed.ratio)
        if printed.dollar_year is not None:
            value = self._of_price_year(value, printed)
        low, high = self._ends(printed, scale, ratio=ratio)
        if drawn is None or scale != 1 or printed.dollar_year is not None:
            drawn = self._range(name, value, low, high)
        self.parameters[name] = value if drawn is None else drawn
        self._note(name, value, low, high, unit, printed.dollar_year or "", found, printed)

    def give(self, name: str, unit: str) -> None:
        """Take a number that the caller gave."""
        given = self.own[name]
        value = float(given) if isinstance(given, int | float) else float(given.mean)
        self.parameters[name] = value if isinstance(given, int | float) else given
        entry = _Entry(name, value, np.nan, np.nan, unit, "", "given", "", "", "", "")
        self.entries.append(entry)

    def set(self, name: str, value: Any, *, found: Edition, unit: str, shown: float) -> None:
        """Set a parameter that was worked out from an edition as a whole."""
        self.parameters[name] = value
        self.use(found)
        population, design = getattr(found, "population", ""), getattr(found, "design", "")
        entry = _Entry(
            name, shown, np.nan, np.nan, unit, "", "edition", population, design, found.id,
            found.citation(),
        )  # fmt: skip
        self.entries.append(entry)

    def use(self, found: Edition) -> None:
        """Keep an edition with its population."""
        self.editions[found.id] = EditionUsed.of(found)
        population = getattr(found, "population", "")
        if population:
            self.populations[found.id] = population

    def warn(self, caution: str) -> None:
        """Add what a reader must know, once."""
        self.cautions[caution] = None

    def check_own(self) -> None:
        """Refuse numbers of the caller that the model has no use for."""
        known = [entry.parameter for entry in self.entries]
        for name in self.own:
            if name not in known:
                raise ArgumentError(
                    "is no number of this model", where=f"own[{name!r}]", allowed=known
                )

    def close(self) -> None:
        """Warn of what only the whole shows."""
        self.check_own()
        if len(self.populations) > 1:
            told = "; ".join(f"{key}: {who}" for key, who in self.populations.items())
            self.warn(f"Numbers of several populations are mixed. {told}")
        if self.held_fixed:
            self.warn(
                "Held fixed, since the source prints a range and no distribution:"
                f" {', '.join(self.held_fixed)}. ranges='uniform' or 'triangular' draws them"
            )

    def table(self) -> Columns:
        """One row a number."""
        words = ("parameter", "unit", "dollar_year", "origin", "population", "design", "edition")
        numbers = ("value", "low", "high")
        columns: dict[str, Any] = {
            name: Text.of(getattr(entry, name) for entry in self.entries)
            for name in (*words, "source")
        }
        columns |= {
            name: np.array([getattr(entry, name) for entry in self.entries]) for name in numbers
        }
        order = ("parameter", *numbers, *words[1:], "source")
        return Columns({name: columns[name] for name in order})

    def _figures(self, name: str) -> figures.Figures[Any]:
        found = edition(name)
        if not isinstance(found, figures.Figures):
            raise ArgumentTypeError("is an edition of another kind", where="edition", value=name)
        return found

    def _of_price_year(self, value: float, printed: Row) -> float:
        try:
            changed = inflate(value, printed.dollar_year, self.price_year, index=self.index)
        except ArgumentError as error:  # the caller's own word for it
            if error.where == "to_year":
                error.where = "price_year"
                error.args = (str(error),)
            raise
        self.editions[changed.index.id] = changed.index
        for caution in changed.cautions:
            self.warn(caution)
        return float(changed.amount)

    def _range(self, name: str, value: float, low: float, high: float) -> Distribution | None:
        if not low < high:
            return None
        if self.ranges == "uniform":
            return Uniform(low=low, high=high)
        if self.ranges == "triangular":
            return Triangular(low=low, mode=value, high=high)
        self.held_fixed.append(name)
        return None

    @staticmethod
    def _ends(printed: Row, scale: float, *, ratio: bool) -> tuple[float, float]:
        if printed.low is None or printed.high is None:
            return np.nan, np.nan
        low, high = float(printed.low) * scale, float(printed.high) * scale
        turned = ratio and getattr(printed, "ratio_is", None) == "untreated_over_treated"
        return (1 / high, 1 / low) if turned else (low, high)

    def _note(
        self,
        name: str,
        value: float,
        low: float,
        high: float,
        unit: str,
        dollar_year: str,
        found: figures.Figures[Any],
        printed: Row,
    ) -> None:
        self.use(found)
        entry = _Entry(
            name, value, low, high, unit, dollar_year, "edition",
            printed.population or found.population, found.design, found.id, found.citation(),
        )  # fmt: skip
        self.entries.append(entry)


def read_own(own: object) -> dict[str, float | Distribution]:
    """Read numbers of the caller: finite numbers from 0 on, or distributions."""
    if own is None:
        return {}
    if not isinstance(own, Mapping):
        raise ArgumentTypeError("is no mapping of parameter to number", where="own")
    found: dict[str, float | Distribution] = {}
    for name, value in own.items():
        given, where = plain(value), f"own[{name!r}]"
        if isinstance(given, get_args(get_args(Distribution)[0])):
            low = given.support[0]
        elif isinstance(given, int | float) and not isinstance(given, bool):
            low = given = float(given)
        else:
            raise ArgumentTypeError(
                "is neither a number nor a distribution", where=where, value=type(value).__name__
            )
        if not 0 <= low < 1e12:
            raise ArgumentError("must be 0 or more", where=where, value=low)
        found[str(name)] = given
    return found
