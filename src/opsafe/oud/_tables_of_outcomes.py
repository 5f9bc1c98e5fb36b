"""Every outcome of an edition's thresholds as columns, for batches to look up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from opsafe.oud._kernel import Shape, Small
from opsafe.oud._outcomes import Thresholds, outcome

__all__ = ["OutcomeTable", "outcome_table"]

_ANSWERS = (False, True, None)


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeTable:
    """One array for each part of an outcome; a place is that of :func:`_kernel.tally`."""

    criteria_lower: Small
    criteria_upper: Small
    severity_lower: Small
    severity_upper: Small
    settles: Small
    """Bits: plain, exempt, supervision, impairment."""


@lru_cache(maxsize=8)
def outcome_table(thresholds: Thresholds, shape: Shape) -> OutcomeTable:
    """Fill the table from the function that answers for one assessment."""
    found = np.zeros((5, *shape.axes), np.uint8)
    for place in np.ndindex(*shape.axes):
        yes, unknown, exempt_yes, exempt_unknown, supervision, impairment = place
        if yes + unknown > shape.plain or exempt_yes + exempt_unknown > shape.exempt:
            continue
        one = outcome(
            thresholds,
            yes,
            unknown,
            exempt_yes,
            exempt_unknown,
            _ANSWERS[supervision],
            _ANSWERS[impairment],
        )
        bits = (
            one.plain_settles
            + 2 * one.exempt_settles
            + 4 * one.supervision_settles
            + 8 * one.impairment_settles
        )
        found[(slice(None), *place)] = *one.criteria, *one.severity, bits
    return OutcomeTable(*(each.ravel() for each in found))
