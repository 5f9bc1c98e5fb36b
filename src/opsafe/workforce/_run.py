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
    binding: FloatArray
    """Share of draws in which each bound held, and last in which none did, by month."""
    seekers: FloatArray
    """By draw."""
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

    def work(group: Group) -> Outcome:
        return _run(group, panels, uniform, draws)

    keys = tuple((group.area, group.medication) for group in groups)
    total: Totals | None = None
    with ThreadPoolExecutor(threads) as pool:
        alone = uniform is None and draws == 1
        outcomes = _run_together(groups, panels) if alone else pool.map(work, groups)
        for number, outcome in enumerate(outcomes, start=1):
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
    bounds = _bounds(group, network)
    capacity = np.broadcast_to(np.minimum.reduce(bounds), (group.rules.months, draws))
    return _outcome(group, network, bounds, capacity, flow(group.streams, capacity), draws)


def _run_together(groups: Sequence[Group], panels: Panels) -> list[Outcome]:
    """Run groups without draws, those with as many streams at once, side by side."""
    networks = [_network(group, panels, None, 1) for group in groups]
    bounds = [_bounds(*pair) for pair in zip(groups, networks, strict=True)]
    capacity = np.hstack([np.minimum.reduce(each) for each in bounds])
    found: dict[int, Outcome] = {}
    for size in {len(group.streams.requests) for group in groups}:
        at = [n for n, group in enumerate(groups) if len(group.streams.requests) == size]
        together = Streams(
            *(
                np.concatenate([getattr(groups[n].streams, one.name) for n in at], axis=-1)
                for one in fields(Streams)
            )
        )
        flows = flow(together, capacity[:, at])
        for place, n in enumerate(at):
            own = slice(place, place + 1)
            alone = Flow(*(getattr(flows, one.name)[..., own] for one in fields(Flow)))
            found[n] = _outcome(groups[n], networks[n], bounds[n], capacity[:, [n]], alone, 1)
    return [found[n] for n in range(len(groups))]


def _outcome(
    group: Group,
    network: Network,
    bounds: Sequence[FloatArray],
    capacity: FloatArray,
    found: Flow,
    draws: int,
) -> Outcome:
    seekers = group.seekers[:, None, :]
    gap = np.maximum(seekers - found.treated, 0)
    held = np.argmin(bounds, axis=0)  # one for all draws, or one a draw
    binding = [found.limited & (held == bound) for bound in range(len(BOUNDS))]
    by_stream = np.empty((4, *found.treated.shape[:2]))
    for place, each in enumerate((seekers, found.treated, found.waiting, gap)):
        by_stream[place] = _mean(each)
    return Outcome(
        treated=found.treated.sum(axis=0),
        waiting=found.waiting.sum(axis=0),
        gap=gap.sum(axis=0),
        met=np.minimum(found.treated, seekers).sum(axis=0),
        capacity=capacity,
        heads=np.broadcast_to(network.heads, (*network.heads.shape[:2], draws)),
        binding=np.array([_mean(each) for each in (*binding, ~found.limited)]),
        seekers=np.broadcast_to(group.seekers.sum(axis=0), (draws,)),
        by_stream=by_stream,
    )


def _network(
    group: Group,
    panels: Panels,
    uniform: Callable[[str, int], FloatArray] | None,
    draws: int,
) -> Network:
    if uniform is None:
        network = expected(group.existing, group.hires, group.rules)
    else:
        own = uniform

        def named(name: str, size: int) -> FloatArray:
            return own(f"{group.area}/{group.medication} {name}", size)

        network = by_chance(group.existing, group.hires, group.rules, panels, named, draws)
    pool = group.pool
    if pool is None:
        return network
    served = pool_capacity(network.capacity, pool.base_patients, pool.decay_per_head, pool.share)
    return Network(served, network.heads)


def _bounds(group: Group, network: Network) -> list[FloatArray]:
    """The bounds in order; one that is not given is infinite."""
    heads = network.heads[-1]
    behaviour = network.capacity
    if group.places is not None:  # of a programme, whose staff is not counted
        behaviour = np.full_like(behaviour, group.places)
        heads = np.full_like(heads, np.inf)
    bounds = [
        np.full_like(behaviour, np.inf)
        if per is None
        else np.broadcast_to(per * each, behaviour.shape)
        for per, each in (
            (group.legal_per_head, heads),
            (group.time_per_head, heads),
            (group.pharmacy, np.ones_like(heads)),
        )
    ]
    return [*bounds, behaviour]


_SUMMED: Final = ("treated", "waiting", "gap", "met", "capacity", "heads", "seekers")


def _added(total: Totals | None, one: Outcome, keys: tuple[tuple[str, str], ...]) -> Totals:
    means = {name: _mean(getattr(one, name)) for name in _SUMMED[:5]}
    means["heads"] = _mean(one.heads[-1])
    means["seekers"] = np.full(len(one.treated), _mean(one.seekers))
    means["binding"] = one.binding
    means["by_stream"] = one.by_stream
    if total is None:
        return Totals([means], keys, *(np.array(getattr(one, name)) for name in _SUMMED))
    total.means.append(means)
    for name in _SUMMED:
        getattr(total, name)[...] += getattr(one, name)
    return total


def _mean(values: FloatArray | BoolArray) -> FloatArray:
    """Mean over draws; of one draw it is that draw, which takes a tenth of the time."""
    if values.shape[-1] == 1:
        return values[..., 0].astype(np.float64)
    return np.asarray(values.mean(axis=-1))
