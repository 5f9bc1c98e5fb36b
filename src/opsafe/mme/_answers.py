"""What daily and regimen answer: the number, how it came about, and what to mind."""

from __future__ import annotations

import html
from dataclasses import dataclass
from fractions import Fraction

from opsafe.mme import _grid
from opsafe.mme.reasons import Reason

__all__ = ["DailyMme", "RegimenMme"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyMme:
    """MME a day of one drug, with the factor, its edition and what to mind.

    ``mme_per_day`` is None where the drug has no factor; ``reason`` then says why.
    """

    ingredient: str
    strength: str
    route: str | None
    form: str | None
    editions: tuple[str, ...]
    """The editions that were asked, in order."""
    reason: Reason | None = None
    edition: str | None = None
    """The edition that gave the factor."""
    factor: Fraction | None = None
    """MME per unit of strength as written; of a patch, over its whole wear time."""
    factor_text: str = ""
    """The factor as printed, in words."""
    formula: str = ""
    units_per_day: Fraction | None = None
    mme_count: int | None = None
    """MME a day in counts of 1e-6: what thresholds are compared with."""
    rate: int | None = None
    """MME a day in counts of 1e-9, before rounding: what sums are made of."""
    one_patch_count: int | None = None
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def mme_per_day(self) -> float | None:
        """MME a day, or None where there is no factor."""
        return None if self.mme_count is None else _grid.published(self.mme_count)

    @property
    def one_patch_mme_per_day(self) -> float | None:
        """MME a day of one patch at a time; None for anything but a patch."""
        return None if self.one_patch_count is None else _grid.published(self.one_patch_count)

    def __repr__(self) -> str:
        if self.mme_count is None:
            return f"DailyMme({self.ingredient} {self.strength}: no MME, {self.reason})"
        return (
            f"DailyMme({self.ingredient} {self.strength}: {_grid.written(self.mme_count)} MME/day, "
            f"factor {self.factor_text}, {self.edition})"
        )

    def _repr_html_(self) -> str:
        if self.mme_count is None:
            answer = f"no MME: {self.reason}. {self.reason.advice if self.reason else ''}"
        else:
            answer = (
                f"<b>{_grid.written(self.mme_count)}</b> MME/day = {self.formula} "
                f"(factor {self.factor_text}, edition {self.edition})"
            )
        notes = "".join(f"<li>{html.escape(n)}</li>" for n in (*self.assumptions, *self.warnings))
        name = html.escape(f"{self.ingredient} {self.strength}")
        return f"<p>{name}: {answer}</p><ul>{notes}</ul>"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimenMme:
    """MME of one person's day: the sum, its parts and whether it is a lower bound."""

    parts: tuple[DailyMme, ...]
    editions: tuple[str, ...]
    mme_count: int | None
    mme_count_with_buprenorphine: int | None = None
    """Beside, only where buprenorphine was included; it never meets a threshold."""
    is_lower_bound: bool
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, parts: tuple[DailyMme, ...], editions: tuple[str, ...], *, included: bool
    ) -> RegimenMme:
        """Sum parts on the grid: first the counts of 1e-9, rounded once."""
        plain = [p.rate for p in parts if p.rate is not None and p.ingredient != "buprenorphine"]
        every = [p.rate for p in parts if p.rate is not None]
        return cls(
            parts=parts,
            editions=editions,
            mme_count=_grid.day_count(sum(plain)) if plain else None,
            mme_count_with_buprenorphine=(
                _grid.day_count(sum(every)) if included and every else None
            ),
            is_lower_bound=any(p.rate is None or p.ingredient == "buprenorphine" for p in parts),
            warnings=tuple(dict.fromkeys(w for part in parts for w in part.warnings)),
            assumptions=tuple(dict.fromkeys(a for part in parts for a in part.assumptions)),
        )

    @property
    def mme_per_day(self) -> float | None:
        """MME a day; None where no part has a factor."""
        return None if self.mme_count is None else _grid.published(self.mme_count)

    @property
    def mme_per_day_with_buprenorphine(self) -> float | None:
        """MME a day with buprenorphine, where it was included."""
        count = self.mme_count_with_buprenorphine
        return None if count is None else _grid.published(count)

    @property
    def reasons(self) -> tuple[tuple[str, Reason], ...]:
        """Each drug without MME, with its reason."""
        return tuple((p.ingredient, p.reason) for p in self.parts if p.reason is not None)

    def __repr__(self) -> str:
        count = self.mme_count
        answer = "no MME" if count is None else f"{_grid.written(count)} MME/day"
        bound = ", a lower bound" if self.is_lower_bound else ""
        return f"RegimenMme({len(self.parts)} drugs: {answer}{bound}, {', '.join(self.editions)})"

    def _repr_html_(self) -> str:
        parts = "".join(part._repr_html_() for part in self.parts)
        return f"<p><b>{html.escape(repr(self))}</b></p>{parts}"
