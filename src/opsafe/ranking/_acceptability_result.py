"""What is told of the places of initiatives: shares by place, and what follows from them."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from opsafe._arguments import read_number, read_whole
from opsafe._display import counted
from opsafe.columns import Columns, Text
from opsafe.quantity import FloatArray, IntArray
from opsafe.ranking.ties import TieRule

__all__ = ["Acceptability"]

_ROUNDING: Final = 1e-9
_SHOWN: Final = 12  # rows and columns of the picture of a table


@dataclass(frozen=True, slots=True, eq=False)
class Acceptability:
    """How likely each initiative holds each place."""

    initiatives: tuple[str, ...]
    probabilities: FloatArray
    """Share of weights or draws, 0 to 1, by initiative and place; shape (m, m), the first place
    first. Rows add up to 1, and columns too unless ties all take the first of their places."""
    method: Literal["exact", "sampled"]
    draws: int | None
    """Number of draws; None where exact."""
    ties: TieRule
    drawn: str
    """How weights or scores were drawn."""
    switches: Columns | None = None
    """With two criteria: the weight of the first above which ``better`` passes ``worse``."""

    @property
    def standard_errors(self) -> FloatArray:
        """sqrt(p (1 - p) / draws), shape (m, m); zero where exact.

        For evenly spread draws such as Sobol points it is an upper guide.
        """
        if self.draws is None:
            return np.zeros_like(self.probabilities)
        share = self.probabilities
        return np.sqrt(np.maximum(share * (1 - share), 0) / self.draws)

    @property
    def expected_rank(self) -> FloatArray:
        """Mean place by initiative, shape (m,)."""
        places = np.arange(1, len(self.initiatives) + 1, dtype=np.float64)
        return np.asarray(self.probabilities @ places, np.float64)

    def top(self, k: int) -> FloatArray:
        """Return how likely each initiative is among the first k.

        Parameters
        ----------
        k : int
            Number of places, 1 to m.

        Returns
        -------
        array of float, shape (m,)
            Shares from 0 to 1.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If k is no such number.
        """
        most = read_whole(k, "k", 1, len(self.initiatives))
        return np.asarray(np.minimum(self.probabilities[:, :most].sum(axis=1), 1), np.float64)

    def interval(self, low: float = 0.05, high: float = 0.95) -> tuple[IntArray, IntArray]:
        """Return the places between two percentiles.

        Parameters
        ----------
        low, high : float, optional
            Shares from 0 to 1, the first not above the second.

        Returns
        -------
        tuple of array of int, shape (m,)
            The best and the worst place of the interval, by initiative.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If a share lies outside, or the first above the second.

        Notes
        -----
        The least place at which the cumulative share reaches the percentile.
        """
        least = read_number(low, "low", 0, 1)
        most = read_number(high, "high", least, 1)
        reached = np.cumsum(self.probabilities, axis=1)
        return self._place_at(reached, least), self._place_at(reached, most)

    def _place_at(self, reached: FloatArray, share: float) -> IntArray:
        # A share of exactly 0 is reached by the first place that is taken at all.
        enough = reached >= share - _ROUNDING if share > 0 else reached > 0
        return np.where(enough.any(axis=1), enough.argmax(axis=1), len(reached) - 1) + 1

    @property
    def holistic(self) -> FloatArray:
        """One number for all places, shape (m,): 1 where an initiative is always first.

        Sum of probability x meta-weight, where meta-weights are rank-order centroids divided by
        that of the first place: they fall from 1 at the first place.
        """
        weights = np.cumsum(1.0 / np.arange(len(self.initiatives), 0, -1))[::-1]
        return np.asarray(self.probabilities @ (weights / weights[0]), np.float64)

    @property
    def choice_entropy(self) -> float:
        """Bits of doubt about who is first: 0 where one always is, log2(m) where all are alike."""
        share = self.probabilities[:, 0]
        share = share[share > 0]
        return float(np.abs(-(share * np.log2(share)).sum()))

    @property
    def table(self) -> Columns:
        """A row for each initiative and place."""
        count = len(self.initiatives)
        return Columns(
            {
                "initiative": Text(np.repeat(np.arange(count), count), self.initiatives),
                "place": np.tile(np.arange(1, count + 1), count),
                "probability": self.probabilities.ravel(),
                "standard_error": self.standard_errors.ravel(),
            }
        )

    def __repr__(self) -> str:
        how = "exact" if self.draws is None else f"{counted(self.draws, 'draw')}, {self.drawn}"
        return f"Acceptability({counted(len(self.initiatives), 'initiative')}; {how})"

    def _repr_html_(self) -> str:
        shown = range(min(len(self.initiatives), _SHOWN))
        head = "".join(f"<th>{place + 1}</th>" for place in shown)
        body = "".join(
            f"<tr><th>{html.escape(self.initiatives[row])}</th>{self._cells(row, len(shown))}</tr>"
            for row in shown
        )
        more = f"<p>{len(self.initiatives):,} initiatives</p>" if len(self) > len(shown) else ""
        return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>{more}"

    def __len__(self) -> int:
        return len(self.initiatives)

    def _cells(self, row: int, count: int) -> str:
        return "".join(
            f'<td style="background: rgba(31, 119, 180, {share:.2f})">{share:.0%}</td>'
            for share in self.probabilities[row, :count].tolist()
        )
