"""The heads of one area over months: hired, passing stages, growing a panel, leaving.

By chance each head has numbers of its own, under a name of its own, so that one more hire leaves
all others as they were and never lowers a capacity. Without chance heads are expected values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.workforce._kernel import months_until_exit, staying

__all__ = ["Network", "Panels", "Rules", "by_chance", "expected"]

Head = TypeVar("Head")

_NODES = 1 << 14
_FURTHEST = 8.3  # standard deviations that 52 bits can reach
_TOGETHER = 1 << 17  # heads times draws that are counted at once


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every head of a run; the last axis is the draw, or one for all."""

    months: int
    conversions: FloatArray
    """Share that passes from each stage of the chain to the next; axes are step and draw."""
    first_year: float
    later: float
    ramp: FloatArray
    """Share of a panel by months since the hire, from 0 on."""
    mean_panel: FloatArray
    """Patients of a full panel, all payers."""
    plan_share: float


class Panels:
    """Sizes of single panels about a mean of 1, by the gamma distribution.

    A sum of n of them has the gamma distribution of mean n and variance n times theirs.

    Parameters
    ----------
    coefficient : float
        Standard deviation over mean; 0 for panels that are all alike.
    """

    def __init__(self, coefficient: float) -> None:
        self._alike = coefficient == 0
        if not self._alike:
            from scipy.special import gammaincinv, ndtr

            shape = coefficient**-2
            self._normal = np.linspace(-_FURTHEST, _FURTHEST, _NODES)
            self._size = gammaincinv(shape, ndtr(self._normal)) / shape

    def of(self, share: FloatArray) -> FloatArray:
        """Sizes below which a share of panels lies, off by less than a millionth of the mean."""
        if self._alike:
            return np.ones_like(share)
        from scipy.special import ndtri

        sizes: FloatArray = np.interp(ndtri(share), self._normal, self._size)
        return sizes


@dataclass(frozen=True, slots=True)
class Network:
    """Heads and capacity of an area; axes are (stage,) month and draw, or one for all."""

    capacity: FloatArray
    """Patients of the plan that the heads would treat."""
    heads: FloatArray
    """Heads who have reached a stage and not left; the last stage accepts the plan's members."""


def expected(existing: IntArray, hires: IntArray, rules: Rules) -> Network:
    """Expected heads and capacity of areas side by side, or of one with its draws.

    Parameters
    ----------
    existing : array of int, shape (stages, areas)
        Heads at the beginning, by the furthest stage that they have reached; beyond their ramp.
    hires : array of int, shape (months, areas)
        Hired at the beginning of each month, at the first stage.
    rules : Rules
        What holds for every head; it has draws only where there is one area.
    """
    months = rules.months
    old = staying(months, rules.first_year, rules.later, age=12)[:months]
    new = staying(months, rules.first_year, rules.later)[:months]
    present = _since(new) @ hires
    grown = _since(new * rules.ramp[:months]) @ hires
    everybody = np.ones((1, rules.conversions.shape[1]))
    passed = np.cumprod(np.vstack([everybody, rules.conversions]), axis=0)
    reached = np.cumsum(existing[::-1], axis=0)[::-1]  # every stage before its furthest
    heads = reached[:, None, :] * old[:, None] + present * passed[:, None, :]
    full = existing[-1] * old[:, None] + grown * passed[-1]
    return Network(full * rules.mean_panel * rules.plan_share, heads)


def _since(shares: FloatArray) -> FloatArray:
    """Shares by month and by month of the hire, none before it."""
    months = len(shares)
    ago = np.arange(months)[:, None] - np.arange(months)
    return np.where(ago < 0, 0.0, shares[ago])


def by_chance(
    existing: IntArray,
    hires: IntArray,
    rules: Rules,
    panels: Panels,
    uniform: Callable[[str, int], FloatArray],
    draws: int,
) -> Network:
    """Heads and capacity, each head by chance.

    Parameters
    ----------
    existing, hires, rules
        As for :func:`expected`.
    panels : Panels
        Sizes of panels about their mean.
    uniform : callable
        From the name of a stream and its length to uniform numbers.
    draws : int
        How many.
    """
    luck = _Luck(rules, panels, uniform, draws)
    heads = np.zeros((len(rules.conversions) + 1, rules.months + 1, draws))
    capacity = np.cumsum(_settled(existing, luck, heads)[:-1], axis=0)
    capacity += _growing(hires, luck, heads)
    capacity *= rules.mean_panel * rules.plan_share
    np.maximum(capacity, 0, out=capacity)  # what was added and taken away again leaves a dust
    return Network(capacity, np.cumsum(heads[:, :-1], axis=1))


@dataclass(frozen=True, slots=True)
class _Luck:
    """What chance gives a head: numbers under its own name, and what they mean."""

    rules: Rules
    panels: Panels
    uniform: Callable[[str, int], FloatArray]
    draws: int

    def numbers(self, name: str, how_many: int) -> FloatArray:
        drawn = self.uniform(name, self.draws * how_many)
        return drawn.reshape(self.draws, how_many).T.copy()

    def last_month(self, leaving: FloatArray, since: int, age: int) -> IntArray:
        rules = self.rules
        stays = months_until_exit(leaving, rules.first_year, rules.later, age=age)
        return np.minimum(since + stays, rules.months).astype(np.int64)


def _settled(existing: IntArray, luck: _Luck, heads: FloatArray) -> FloatArray:
    """Changes of the panels of those who are there and accept the plan; heads are noted down.

    Heads and panels are changes by month and draw, to be summed at the end.
    """
    settled = np.zeros(heads.shape[1:])
    everyone = np.arange(luck.draws)
    for stage, number in enumerate(existing.tolist()):
        heads[: stage + 1, 0] += number
        for some in _batches(range(number), luck.draws):
            leave = np.empty((len(some), luck.draws), np.int64)
            for gone, one in zip(leave, some, strict=True):
                leaving, panel = luck.numbers(f"head {stage} {one}", 2)
                gone[:] = luck.last_month(leaving, 0, 12)
                if stage == len(existing) - 1:
                    size = luck.panels.of(panel)
                    settled[0] += size
                    settled[gone, everyone] -= size
            heads[: stage + 1] -= _counted(leave, heads.shape[1:])
    return settled


def _growing(hires: IntArray, luck: _Luck, heads: FloatArray) -> FloatArray:
    """Panels of those who are hired, by month and draw; changes of heads are noted down."""
    growing = np.zeros((luck.draws, luck.rules.months))
    names = [
        (month, one) for month in np.flatnonzero(hires).tolist() for one in range(int(hires[month]))
    ]
    for some in _batches(names, luck.draws):
        _grow(some, luck, heads, growing)
    return growing.T


def _grow(
    names: Sequence[tuple[int, int]], luck: _Luck, heads: FloatArray, growing: FloatArray
) -> None:
    """Add some hires, each by its month and its number in it."""
    rules, months = luck.rules, luck.rules.months
    steps = len(rules.conversions)
    drawn = np.array([luck.numbers(f"hire {month} {one}", 2 + steps) for month, one in names])
    gone = np.array(
        [luck.last_month(drawn[at, 0], month, 0) for at, (month, _) in enumerate(names)]
    )
    here = np.ones(gone.shape, bool)
    for stage in range(steps + 1):
        if stage:
            here &= drawn[:, 1 + stage] < rules.conversions[stage - 1]
        for at, (month, _) in enumerate(names):
            heads[stage, month] += here[at]
        heads[stage] -= _counted(gone, heads.shape[1:], here)
    for at, (month, _) in enumerate(names):
        some = np.flatnonzero(here[at])
        ramp = np.where(
            np.arange(month, months) < gone[at, some, None], rules.ramp[: months - month], 0
        )
        growing[some, month:] += ramp * luck.panels.of(drawn[at, 1, some])[:, None]


def _counted(gone: IntArray, shape: tuple[int, ...], here: BoolArray | None = None) -> IntArray:
    """Count heads by the month of their leaving and by draw; their axes are head and draw."""
    at = gone * shape[1] + np.arange(shape[1])
    counts = np.bincount(at.ravel() if here is None else at[here], minlength=shape[0] * shape[1])
    return counts.reshape(shape)


def _batches(heads: Sequence[Head], draws: int) -> Iterator[Sequence[Head]]:
    """Heads in parts that are small enough to be counted at once."""
    size = max(1, _TOGETHER // draws)
    for first in range(0, len(heads), size):
        yield heads[first : first + size]
