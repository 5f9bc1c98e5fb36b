"""One area and medication run over its months and draws, and all of them added up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from opsafe.quantity import BoolArray, FloatArray, IntArray
from opsafe.workforce._kernel import Flow, Streams, flow, pool_capacity
from opsafe.workforce._network import Network, Panels, Rules, by_chance, expected

__all__ = ["BOUNDS", "OF_A_STREAM", "Group", "Pool", "Totals", "run_all"]

BOUNDS: Final = ("legal", "time", "pharmacy", "behaviour")
"""What can limit a capacity; where two are equal, the first is named."""
OF_A_STREAM: Final = ("seekers", "treated", "waiting", "gap")
"""What a stream has of its own: capacity and heads are of all that share them."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The curve of diminishing returns, with an area's share of its pool."""

    base_patients: float
    decay_per_head: float
    share: float


@dataclass(frozen=True, slots=True)
class Group:
    """An area and a medication, in numbers; the last axis of an array is the draw, or one."""

    area: str
    medication: str
    streams: Streams
    seekers: FloatArray
    """By stream and draw."""
    existing: IntArray
    hires: IntArray
    rules: Rules
    pool: Pool | None
    places: float | None
    legal_per_head: float | None
    time_per_head: float | None
    pharmacy: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a group came to; axes are month and draw unless said."""

    treated: FloatArray
    waiting: FloatArray
    gap: FloatArray
    met: FloatArray
    """Patients counted towards the share met: no more than seek treatment in a stream."""
    capacity: FloatArray
    heads: FloatArray
    """By stage, month and draw."""
    seekers: FloatArray
    """By draw."""
    binding: FloatArray
    """Share of draws in which each bound held, and last in which none did, by month."""
    by_stream: FloatArray
    """Means of the draws of the measures of a stream, by measure, stream and month."""


@dataclass(slots=True)
class Totals:
    """Sums over groups, and the means of each in their order."""

    means: list[dict[str, FloatArray]]
    keys: tuple[tuple[str, str], ...]
    """Area and medication of each."""
    treated: FloatArray
    waiting: FloatArray
    gap: FloatArray
    met: FloatArray
    capacity: FloatArray
    heads: FloatArray
    seekers: FloatArray

    def share_met(self) -> FloatArray:
        """Share of all seekers who are treated, by month and draw; 1 where nobody seeks."""
        share: FloatArray = np.divide(
            self.met, self.seekers, out=np.ones_like(self.met), where=self.seekers > 0
        )
        return np.minimum(share, 1)


def run_all(
    groups: Sequence[Group],
    panels: Panels,
    uniform: Callable[[str, int], FloatArray] | None,
    draws: int,
    *,
    threads: int,
    done: Callable[[int], None],
) -> Totals:
    """Run groups, by chance where there are streams of uniform numbers, and add them in order."""
    keys = tuple((group.area, group.medication) for group in groups)
    if uniform is None and draws == 1:
        found = _run_together(groups, keys)
        done(len(groups))
        return found

    def work(group: Group) -> Outcome:
        return _run(group, panels, uniform, draws)

    total: Totals | None = None
    with ThreadPoolExecutor(threads) as pool:
        for number, outcome in enumerate(pool.map(work, groups), start=1):
            total = _added(total, outcome, keys)
            done(number)
    assert total is not None
    return total


def _run(
    group: Group,
    panels: Panels,
    uniform: Callable[[str, int], FloatArray] | None,
    draws: int,
) -> Outcome:
    network = _network(group, panels, uniform, draws)
    bounds = _bounds([group], network)
    capacity = np.broadcast_to(np.minimum.reduce(bounds), (group.rules.months, draws))
    found = flow(group.streams, capacity)
    return _outcome(group.seekers, network.heads, bounds, capacity, found, _mean)


def _run_together(groups: Sequence[Group], keys: tuple[tuple[str, str], ...]) -> Totals:
    """Run groups without draws, those with as many streams side by side in place of draws."""
    means: list[dict[str, FloatArray]] = [{} for _ in groups]
    sums: dict[str, FloatArray] = {}
    for size in sorted({len(group.seekers) for group in groups}):
        at = [n for n, group in enumerate(groups) if len(group.seekers) == size]
        alike = [groups[n] for n in at]
        network = _networks(alike)
        bounds = _bounds(alike, network)
        capacity = np.minimum.reduce(bounds)
        streams = Streams(
            *(
                np.concatenate([getattr(group.streams, one.name) for group in alike], axis=-1)
                for one in fields(Streams)
            )
        )
        seekers = np.concatenate([group.seekers for group in alike], axis=-1)
        found = _outcome(seekers, network.heads, bounds, capacity, flow(streams, capacity), _same)
        for name, values in _measures(found).items():
            for place, n in enumerate(at):
                means[n][name] = values[..., place]
        for name in _SUMMED:
            sums[name] = sums.get(name, 0.0) + getattr(found, name).sum(axis=-1, keepdims=True)
    return Totals(means, keys, **sums)


def _outcome(
    seekers: FloatArray,
    heads: FloatArray,
    bounds: Sequence[FloatArray],
    capacity: FloatArray,
    found: Flow,
    mean: Callable[[FloatArray | BoolArray], FloatArray],
) -> Outcome:
    every = capacity.shape[1]
    seeking = seekers[:, None, :]
    gap = np.maximum(seeking - found.treated, 0)
    held = np.argmin(bounds, axis=0)  # one for all draws, or one a draw
    binding = [found.limited & (held == bound) for bound in range(len(BOUNDS))]
    own = (np.broadcast_to(seeking, gap.shape), found.treated, found.waiting, gap)
    return Outcome(
        treated=found.treated.sum(axis=0),
        waiting=found.waiting.sum(axis=0),
        gap=gap.sum(axis=0),
        met=np.minimum(found.treated, seeking).sum(axis=0),
        capacity=capacity,
        heads=np.broadcast_to(heads, (*heads.shape[:2], every)),
        seekers=np.broadcast_to(seekers.sum(axis=0), (every,)),
        binding=np.array([mean(each) for each in (*binding, ~found.limited)]),
        by_stream=np.array([mean(each) for each in own]),
    )


def _network(
    group: Group,
    panels: Panels,
    uniform: Callable[[str, int], FloatArray] | None,
    draws: int,
) -> Network:
    if uniform is None:
        return _networks([group])
    own = uniform

    def named(name: str, size: int) -> FloatArray:
        return own(f"{group.area}/{group.medication} {name}", size)

    network = by_chance(group.existing, group.hires, group.rules, panels, named, draws)
    if group.pool is None:
        return network
    return Network(_served(group.pool, network.capacity), network.heads)


def _networks(groups: Sequence[Group]) -> Network:
    """Networks without chance, a group where else is a draw; groups of a run share their rules."""
    network = expected(
        np.stack([group.existing for group in groups], axis=-1),
        np.stack([group.hires for group in groups], axis=-1),
        groups[0].rules,
    )
    capacity = network.capacity
    for place, group in enumerate(groups):
        if group.pool is not None:
            capacity[:, place] = _served(group.pool, capacity[:, place])
    return network


def _served(pool: Pool, heads: FloatArray) -> FloatArray:
    return pool_capacity(heads, pool.base_patients, pool.decay_per_head, pool.share)


def _bounds(groups: Sequence[Group], network: Network) -> list[FloatArray]:
    """The bounds in order, of one group by draw or of several; one not given is infinite."""
    shape = network.capacity.shape

    def given(name: str) -> FloatArray:
        return np.array([getattr(group, name) for group in groups], float)  # None becomes NaN

    places = given("places")  # of a programme, whose staff is not counted
    heads = np.where(np.isnan(places), network.heads[-1], np.inf)
    legal, time = (given(name) * heads for name in ("legal_per_head", "time_per_head"))
    bounds = [
        np.broadcast_to(np.where(np.isnan(each), np.inf, each), shape)
        for each in (legal, time, given("pharmacy"))
    ]
    return [*bounds, np.where(np.isnan(places), network.capacity, places)]


_SUMMED: Final = ("treated", "waiting", "gap", "met", "capacity", "heads", "seekers")


def _measures(one: Outcome) -> dict[str, FloatArray]:
    """What is told of each group; the last axis is the draw, but of what is a mean already."""
    measures: dict[str, FloatArray] = {name: getattr(one, name) for name in _SUMMED[:5]}
    measures["heads"] = one.heads[-1]
    measures["seekers"] = np.broadcast_to(one.seekers, one.treated.shape)
    return measures | {"binding": one.binding, "by_stream": one.by_stream}


def _added(total: Totals | None, one: Outcome, keys: tuple[tuple[str, str], ...]) -> Totals:
    means = {
        name: values if name in ("binding", "by_stream") else _mean(values)
        for name, values in _measures(one).items()
    }
    if total is None:
        return Totals([means], keys, *(np.array(getattr(one, name)) for name in _SUMMED))
    total.means.append(means)
    for name in _SUMMED:
        getattr(total, name)[...] += getattr(one, name)
    return total


def _mean(values: FloatArray | BoolArray) -> FloatArray:
    """Mean over draws."""
    return np.asarray(values.mean(axis=-1))


def _same(values: FloatArray | BoolArray) -> FloatArray:
    """Values of groups side by side, each its own mean."""
    return values.astype(np.float64)
