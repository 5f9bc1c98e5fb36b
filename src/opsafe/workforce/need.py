"""Demand in one number a stream: who would seek treatment, who is on it, and the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from opsafe._used import UsedInputs
from opsafe.columns import Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import EditionUsed
from opsafe.workforce import figures
from opsafe.workforce._inputs import (
    Draws,
    check_split,
    defaults_of,
    retention_of,
    seekers_of,
)
from opsafe.workforce.demand import Demand

__all__ = ["Need", "demand"]

_IN_ALL: Final = ("seekers", "on_treatment", "gap", "starts_per_month_to_hold")


@dataclass(frozen=True, slots=True)
class Need:
    """Members who would seek treatment, those on it, and the gap; by stream and in all."""

    by_stream: Columns
    """A row for each area, line of business and medication."""
    with_oud: float
    """Members with opioid use disorder, all areas and lines; each counted once."""
    seekers: float
    """Those who would take treatment, of whom some are on it."""
    on_treatment: float
    """On treatment now."""
    gap: float
    """Sum of each stream's gap: a surplus in one does not help another."""
    starts_per_month_to_hold: float
    """Starts in a month that would hold all seekers on treatment."""
    inputs: Columns
    """Figures and defaults that it rests on, with origin and source."""
    cautions: tuple[str, ...]
    """What a reader must know."""
    editions: tuple[EditionUsed, ...] = field(repr=False)


def demand(
    demands: Demand | Sequence[Demand], *, defaults: str | figures.Defaults = "2026-01"
) -> Need:
    """Work out how many members would seek treatment, and how many of them have none.

    Parameters
    ----------
    demands : Demand or sequence of Demand
        One for each area, line of business and medication.
    defaults : str or Defaults, optional
        The edition of defaults.

    Returns
    -------
    Need
        Members and patients, as expected numbers.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If demands are none or the same twice, medications take more than all seekers of an area
        and line together, or figures do not go together.
    EditionNotFoundError
        If an edition does not exist.

    Notes
    -----
    Seekers = members x prevalence x undercount x seeking x share of the medication; they include
    those on treatment. Gap = max(0, seekers - on treatment), stream by stream. A uniform
    distribution stands at its mean here. Starts that hold a stock = stock / mean months of stay.

    Examples
    --------
    >>> from opsafe import workforce as wf
    >>> need = wf.demand(
    ...     wf.Demand(
    ...         members=250_000,
    ...         ages="12+",
    ...         oud_base="survey",
    ...         prevalence=0.012,
    ...         undercount=1.0,
    ...         seeking=0.4,
    ...         on_treatment=900,
    ...         retention="medicaid-2013-15",
    ...     ),
    ...     defaults="2026-01",
    ... )
    >>> need.with_oud, need.seekers, need.gap, round(need.starts_per_month_to_hold, 1)
    (3000.0, 1200.0, 300.0, 150.7)
    """
    streams = _read(demands)
    used = UsedInputs()
    table = _by_stream(streams, defaults_of(defaults, used), used)
    # Members of an area and line stand in the stream of each medication.
    once: dict[tuple[str, str], float] = {}
    for each, count in zip(streams, table["with_oud"].tolist(), strict=True):
        place = each.area, each.line_of_business
        if once.setdefault(place, count) != count:
            used.warn(f"Medications of {each.area} differ in those with the disorder: most count")
        once[place] = max(once[place], count)
    return Need(
        by_stream=table,
        with_oud=sum(once.values()),
        **{name: float(table[name].sum()) for name in _IN_ALL},
        inputs=used.table(),
        cautions=tuple(used.cautions),
        editions=tuple(used.editions.values()),
    )


def _by_stream(streams: Sequence[Demand], defaults: figures.Defaults, used: UsedInputs) -> Columns:
    draws = Draws(1, None)
    check_split(streams, draws)
    people = [seekers_of(each, draws, used) for each in streams]
    seekers = np.array([each.seekers[0] for each in people])
    treated = np.array([each.on_treatment for each in streams])
    months = np.array([retention_of(each, defaults, used).mean_months for each in streams])
    if bool((treated > seekers).any()):
        used.warn("More are on treatment than would seek it: seeking or prevalence is too low")
    return Columns(
        {
            "area": Text.of(each.area for each in streams),
            "line_of_business": Text.of(each.line_of_business for each in streams),
            "medication": Text.of(each.medication for each in streams),
            "members": np.array([each.members for each in streams], np.int64),
            "with_oud": np.array([each.with_oud[0] for each in people]),
            "seekers": seekers,
            "on_treatment": treated,
            "gap": np.maximum(seekers - treated, 0),
            "mean_months": months,
            "starts_per_month_to_hold": seekers / months,
        }
    )


def _read(demands: object) -> tuple[Demand, ...]:
    streams = (demands,) if isinstance(demands, Demand) else demands
    if not isinstance(streams, Sequence) or not all(isinstance(each, Demand) for each in streams):
        raise ArgumentTypeError(
            "is not a Demand, or a sequence of them", where="demands", value=type(demands).__name__
        )
    if not streams:
        raise ArgumentError("holds no demand", where="demands")
    keys = [each.key for each in streams]
    if len(set(keys)) < len(keys):
        raise ArgumentError("has an area, line of business and medication twice", where="demands")
    return tuple(streams)
