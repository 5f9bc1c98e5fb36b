"""Members on treatment with the programme and without it, month by month, and who starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from opsafe.costbenefit._case_figures import Ready, Values
from opsafe.costbenefit.churn import enrolled
from opsafe.errors import ArgumentError
from opsafe.quantity import FloatArray

__all__ = ["Treated", "treated_of"]

_YEAR = 12
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Treated:
    """Members and member-months of the plan; axes are month and draw, months in full unless said.

    In a closed population all of it shrinks with enrolment, and only what is enrolled is counted.
    """

    enrolled: FloatArray
    """Share of the first members who are still counted; 1 in an open population."""
    with_oud: FloatArray
    now: FloatArray
    """On treatment without the programme."""
    added: FloatArray
    """Member-months on treatment because of the programme."""
    starts: FloatArray
    """Members who start because of it."""
    waiting: FloatArray
    """At the end of the month, for want of capacity."""
    staying: Sequence[FloatArray]
    """Share still enrolled by months since and draw, for those who begin in each month."""


@dataclass(frozen=True, slots=True)
class _Path:
    """Treatment beyond that of now, before churn of a closed population."""

    added: FloatArray
    starts: FloatArray
    waiting: FloatArray


def treated_of(ready: Ready, values: Values, *, limited: bool = True) -> Treated:
    """Work treatment out for all draws at once, perhaps as if no capacity were full."""
    inputs, months = ready.inputs, ready.months
    with_oud = _with_oud(ready, values)
    staying = _staying(ready, values)
    share = staying[0] if inputs.closed else np.ones((months, 1))
    now = with_oud * values["treated_share_now"]
    room = _room(ready, with_oud, now, share, limited=limited)
    within = [np.ones((months, 1))] * months if inputs.closed else staying
    if inputs.starts_share_per_year is not None:
        path = _flow(ready, values, with_oud, room, within)
    else:
        path = _stock(ready, values, with_oud, now, room, within)
    return Treated(
        share, with_oud * share, now * share, path.added * share, path.starts * share,
        path.waiting * share, staying,
    )  # fmt: skip


def _with_oud(ready: Ready, values: Values) -> FloatArray:
    members = float(ready.inputs.members)
    if ready.inputs.members_with_oud is not None:
        found, where = values["members_with_oud"], "members_with_oud"
    else:
        found, where = members * values["prevalence"] * values["undercount"], "undercount"
    if bool((found > members * (1 + _ROUNDING)).any()):
        raise ArgumentError(
            "makes more members with the disorder than there are members",
            where=where,
            value=float(found.max()),
            advice="A multiplier belongs to a survey's prevalence, not to one that is corrected",
        )
    return found


def _staying(ready: Ready, values: Values) -> list[FloatArray]:
    """Enrolment after so many months of those who begin in each month."""
    mean = values["churn.monthly_mean"]
    known = float(mean[0]) if len(mean) == 1 else None
    if known in ready.staying:
        return ready.staying[known]
    leaving = ready.leaving.by_month(mean)
    back = ready.leaving.back_in(ready.months)
    by_calendar = [enrolled(leaving, back, month + 1, ready.months) for month in range(12)]
    first = ready.first_month - 1
    staying = [by_calendar[(first + month) % 12] for month in range(ready.months)]
    if known is not None:
        ready.staying[known] = staying
    return staying


def _room(
    ready: Ready, with_oud: FloatArray, now: FloatArray, share: FloatArray, *, limited: bool
) -> FloatArray:
    """How many more can be treated, by month and draw; never more than have the disorder."""
    inputs = ready.inputs
    bound = (with_oud - now) * np.ones((ready.months, 1))
    limits = []
    if inputs.capacity_patients is not None:
        # Nobody treated now is sent away: a limit below them adds nobody.
        limits.append(np.maximum(inputs.capacity_patients - now * share, 0.0))
    managers = inputs.care_managers
    if managers is not None and managers.most_care_managers is not None:
        most = managers.most_care_managers * managers.patients_per_care_manager
        limits.append(np.full((ready.months, 1), most))
    for limit in limits if limited else ():
        # What is counted is the share of the first members that is still enrolled.
        within = np.full(np.broadcast_shapes(limit.shape, share.shape), np.inf)
        np.divide(limit, share, out=within, where=share > _ROUNDING)
        bound = np.minimum(bound, within)
    return bound


def _stock(
    ready: Ready, values: Values, with_oud: FloatArray, now: FloatArray, room: FloatArray,
    within: Sequence[FloatArray],
) -> _Path:  # fmt: skip
    """From members on treatment at each month's end to those who start, and to member-months."""
    inputs = ready.inputs
    if inputs.treated_by_month is not None:
        wanted = np.array((0.0, *inputs.treated_by_month[: ready.months]))[:, None] - now
        wanted[0] = 0.0
    else:
        months = np.arange(ready.months + 1.0)
        ramp = inputs.ramp_months
        grown = np.minimum(months / ramp, 1.0) if ramp else np.ones(ready.months + 1)
        more = np.maximum(values["treated_share_target"] - values["treated_share_now"], 0.0)
        wanted = grown[:, None] * (with_oud * more)
    reach = np.concatenate([room[:1], room])
    ends = np.minimum(wanted, reach)
    begins = np.minimum(ends[:-1], room)  # where some return at once, others wait
    return _Path(
        (begins + ends[1:]) / 2,
        _starts_for(ready, ends, within),
        np.maximum(wanted - ends, 0.0)[1:],
    )


def _starts_for(ready: Ready, ends: FloatArray, within: Sequence[FloatArray]) -> FloatArray:
    """Who must start so that so many are there at each end, since some stop and some leave."""
    kept, first = ready.month_shares, np.maximum(ends[0], 0.0)
    shape = np.broadcast_shapes(ends[1:].shape, within[0].shape)
    starts = np.zeros(shape)
    left = _along(ready.end_shares, shape) * within[0] * first
    for month in range(ready.months):
        missing = np.maximum(ends[month + 1] - left[month], 0.0)
        starts[month] = missing / kept[0]
        stay = kept[: ready.months - month, None] * within[month][: ready.months - month]
        left[month:] += starts[month] * stay
    starts[0] += first
    return starts


def _flow(
    ready: Ready,
    values: Values,
    with_oud: FloatArray,
    room: FloatArray,
    within: Sequence[FloatArray],
) -> _Path:
    """From members who start to those who are there."""
    months, kept = ready.months, ready.month_shares
    ramp = ready.inputs.ramp_months
    ends = np.arange(months + 1.0)
    grown = np.minimum(ends / ramp, 1.0) if ramp else np.ones(months + 1)
    grown = (grown[:-1] + grown[1:]) / 2
    asked = grown[:, None] * (with_oud * values["starts_share_per_year"] / _YEAR)
    shape = np.broadcast_shapes(asked.shape, room.shape, within[0].shape)
    starts, waiting, added = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    left = np.zeros(shape)
    before = np.zeros(shape[1])
    spread = (kept + np.concatenate([[0.0], kept[:-1]])) / 2
    for month in range(months):
        wish = before + asked[month]
        starts[month] = np.minimum(wish, np.maximum(room[month] - left[month], 0.0) / kept[0])
        waiting[month] = before = np.maximum(wish - starts[month], 0.0)
        ahead = months - month
        stay = starts[month] * within[month][:ahead]
        left[month:] += stay * kept[:ahead, None]
        added[month:] += stay * spread[:ahead, None]
    return _Path(added, starts, waiting)


def _along(shares: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    return np.broadcast_to(shares[:, None], shape).copy()
