"""All strategies run on all draws, in blocks of draws that fit the processor's cache."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from opsafe.costbenefit._cohort_draws import Drawn
from opsafe.costbenefit._cohort_program import Columns, Program
from opsafe.costbenefit._cohort_run import Tally, run_block
from opsafe.costbenefit._cohort_scope import Place
from opsafe.costbenefit._cohort_values import Values
from opsafe.costbenefit._cohort_weights import Weights, weights_of
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray

__all__ = ["Keep", "run_all"]

Keep: TypeAlias = Literal["totals", "categories", "months", "trace"]
"""What is kept beside totals."""

# Bytes that the arrays of a block may take. Calls cost more than the way to the third cache does,
# so blocks are as long as that holds: 10,000 draws of a small model are one.
_CACHE: Final = 2**23
_FEWEST: Final = 64  # draws of a block, below which the loop itself costs more than its sums
_MOST_BYTES: Final = 4 * 10**9


def run_all(
    programs: Sequence[Program], drawn: Drawn, columns: Columns, keep: Keep
) -> dict[str, Any]:
    """Run every strategy, and return the arrays of a result by name."""
    ours, cycles = programs[0].model.conventions, programs[0].cycles
    weights = [
        weights_of(ours, cycles, rate)
        for rate in (ours.discount_rate_costs, ours.discount_rate_effects, None)
    ]
    found = _arrays(programs, drawn, columns, keep)
    draws = found["effects"].shape[-1]
    block = _block(programs, draws)
    for strategy, program in enumerate(programs):
        own = {name: array[strategy] for name, array in found.items()}
        for low in range(0, draws, block):
            part = slice(low, min(low + block, draws))
            mine = {name: array[..., part] for name, array in own.items()}
            place = Place(program.name, low, drawn.draws > 0)
            with np.errstate(all="ignore"):  # what is no number is refused with its place
                values = Values(program, drawn.block(strategy, low, part.stop), place)
                tallies = _tallies(mine, weights)
                mine["at_end"][:] = run_block(
                    program, values, part.stop - low, tallies, mine.get("trace")
                )
    return _finished(found, programs, keep)


def _arrays(
    programs: Sequence[Program], drawn: Drawn, columns: Columns, keep: Keep
) -> dict[str, FloatArray]:
    """Arrays of zeros for what is kept: strategies first, draws last."""
    cycles, states = programs[0].cycles, len(programs[0].model.states)
    categories = len(columns.categories)
    inside: dict[str, tuple[int, ...]] = {
        "by_category": (categories,),
        "effects": (1,),
        "events": (len(columns.events),),
        "at_end": (states,),
    }
    if keep == "months":
        inside["by_month"] = (categories, cycles)
        if programs[0].model.conventions.discount_rate_costs is not None:
            inside["by_month_undiscounted"] = (categories, cycles)
    if keep == "trace":
        inside["trace"] = (cycles + 1, states)
    draws = max(drawn.draws, 1)
    size = 8 * len(programs) * draws * sum(math.prod(each) for each in inside.values())
    if size > _MOST_BYTES:
        raise ArgumentError(
            f"would keep {size / 1e9:.1f} GB",
            where="keep",
            value=keep,
            advice=f"Ask for fewer draws, or keep less: {_MOST_BYTES / 1e9:.0f} GB at most",
        )
    return {name: np.zeros((len(programs), *each, draws)) for name, each in inside.items()}


def _tallies(mine: dict[str, FloatArray], weights: Sequence[Weights]) -> list[Tally]:
    costs, effects, plain = weights
    found = [
        Tally("cost", costs, mine["by_category"], mine.get("by_month")),
        Tally("effect", effects, mine["effects"]),
        Tally("event", plain, mine["events"]),
    ]
    undiscounted = mine.get("by_month_undiscounted")
    if undiscounted is not None:
        aside = np.zeros(mine["by_category"].shape)
        found.append(Tally("cost", plain, aside, undiscounted))
    return found


def _block(programs: Sequence[Program], draws: int) -> int:
    """How many draws run together: their arrays should stay in the cache."""
    rows = max(
        4 * len(each.told)
        + sum(len(row.moves) + 1 for row in each.rows)
        + sum(3 * told for told in each.told)
        for each in programs
    )
    return min(draws, max(_FEWEST, _CACHE // (8 * rows)))


def _finished(
    found: dict[str, Any], programs: Sequence[Program], keep: Keep
) -> dict[str, FloatArray | None]:
    """Check that all are numbers, add up what is not kept, and let nobody write to them."""
    found["effects"] = found["effects"][:, 0]
    found["costs"] = found["by_category"].sum(axis=1)
    for name in ("costs", "effects", "events"):
        good = np.isfinite(found[name]).reshape(len(programs), -1).all(axis=1)
        if not good.all():
            raise ArgumentError(
                f"{name} are too large to be added up", where=programs[int(good.argmin())].name
            )
    if keep == "totals":
        del found["by_category"]
    if "by_month" in found:
        found.setdefault("by_month_undiscounted", found["by_month"])
    for array in found.values():
        array.flags.writeable = False
    return found
