"""How the wait for a first visit falls with every prescriber, and where it has no end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.plot._frame import ABOVE, BETWEEN, LINE, QUIET, open_axes, quiet_frame, write_titles
from opsafe.workforce.wait_standard import OwnWaitStandard, WaitStandard
from opsafe.workforce.waiting import Clinic, Waiting, read_prescribers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["wait_by_prescribers"]

_MOST: Final = 1_000
_TALLEST: Final = 4  # times the standard: longer waits lie above the picture
_DASHES: Final = (0, (4, 3))
_OVERLOADED: Final = "#f0e0d0"


def wait_by_prescribers(
    *,
    first_visits_requested_per_business_day: float,
    prescribers: Iterable[float],
    first_visits_per_prescriber_per_business_day: float,
    reneging_per_business_day: float = 0.0,
    standard: str | WaitStandard | OwnWaitStandard,
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean wait and the shares seen in time by the number of prescribers.

    Parameters
    ----------
    first_visits_requested_per_business_day : float
        Requests for a first visit, per business day.
    prescribers : iterable of float
        The numbers of prescribers to draw, such as ``range(1, 21)``; at most 1,000.
    first_visits_per_prescriber_per_business_day : float
        First visits that one prescriber can give, per business day.
    reneging_per_business_day : float, optional
        Rate at which a person who waits gives up, per business day; 0 if nobody does.
    standard : str, WaitStandard or OwnWaitStandard
        The standard to compare with, as in :func:`opsafe.workforce.waiting`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; its lower part becomes axes of their own for the shares.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the mean wait, in business days by prescribers. Below lie, as shares from 0
        to 1, the requests seen within the standard, within 72 hours and on the same day.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a number is out of range or no number, or there are none.
    EditionNotFoundError
        If no edition has this id.
    MissingExtraError
        If matplotlib is not installed.

    Notes
    -----
    Where requests are at or above capacity and nobody leaves, the wait has no end: no wait is
    drawn there, and the range is shaded and hatched. Waits of more than four times the standard
    lie above the picture, unless all are. The same-day and 72-hour shares stand beside the
    standard, since ten business days is no clinical target for opioid use disorder.

    Examples
    --------
    >>> from opsafe import plot
    >>> axes = plot.wait_by_prescribers(
    ...     first_visits_requested_per_business_day=4,
    ...     prescribers=range(1, 21),
    ...     first_visits_per_prescriber_per_business_day=0.4,
    ...     standard="wait-medicaid-2024",
    ... )
    >>> axes.get_ylabel()
    'mean wait, business days'
    """
    heads = _read(prescribers)
    clinic = Clinic.read(
        first_visits_requested_per_business_day,
        first_visits_per_prescriber_per_business_day,
        reneging_per_business_day,
        standard,
    )
    load = clinic.requests / clinic.visits
    found = [clinic.waiting(each) for each in heads]
    axes = open_axes(ax, height=5.4)
    lower = _split(axes)
    write_titles(axes, "Wait for a first visit by number of prescribers", _caption(clinic))
    _waits(axes, heads, found)
    _shares(lower, heads, found, load)
    notes = ["prescribers who accept new patients, full-time"]
    if found[0].is_unstable:
        _shade((axes, lower), load)
        notes.append(f"hatched: overloaded, up to {load:.4g} prescribers the wait has no end")
    if clinic.reneging:
        notes.append("a wait ends with the visit, or with leaving")
    enough = [each for each, one in zip(heads, found, strict=True) if one.meets_standard]
    if enough:
        for each in (axes, lower):
            each.axvline(enough[0], color=QUIET, linewidth=0.9, linestyle=":")
        notes.append(f"dotted: {enough[0]:g} is the least drawn that meets the standard")
    lower.set_xlabel("\n".join(notes), color=QUIET)
    axes.tick_params(labelbottom=False)
    return axes


def _read(prescribers: object) -> list[float]:
    """Read numbers of prescribers, in order and each once."""
    if isinstance(prescribers, str) or not isinstance(prescribers, Iterable):
        raise ArgumentTypeError(
            "is not several numbers", where="prescribers", advice="Such as range(1, 21)"
        )
    given = list(islice(prescribers, _MOST + 1))
    if not 1 <= len(given) <= _MOST:
        raise ArgumentError(
            "holds none, or too many",
            where="prescribers",
            allowed=(f"1 to {_MOST:,} numbers",),
            advice="Such as range(1, 21)",
        )
    return sorted({read_prescribers(each) for each in given})


def _caption(clinic: Clinic) -> str:
    standard = clinic.standard
    name = f"Standard {standard.id}" if isinstance(standard, WaitStandard) else "Own standard"
    share = "" if standard.share is None else f"{100 * float(standard.share):g}% "
    leaving = f"leaving at a rate of {clinic.reneging:g}" if clinic.reneging else "nobody leaves"
    return (
        f"{name}: {share}within {_limit_words(standard)}; a business day: {clinic.requests:g}"
        f" requests, {clinic.visits:g} first visits a prescriber, {leaving}"
    )


def _limit_words(standard: WaitStandard | OwnWaitStandard) -> str:
    return f"{standard.number:g} {standard.unit.replace('_', ' ')}"


def _waits(axes: Axes, heads: Sequence[float], found: Sequence[Waiting]) -> None:
    """Draw the waits that have an end."""
    from matplotlib.ticker import MaxNLocator

    limit = found[0].standard_business_days
    ended = [
        (each, one.mean_wait_business_days)
        for each, one in zip(heads, found, strict=True)
        if not one.is_unstable
    ]
    waits = [wait for _, wait in ended]
    top = 1.08 * (max(min(max(waits), _TALLEST * limit), min(waits)) if waits else limit)
    top = max(top, 0.01)
    axes.plot([each for each, _ in ended], waits, **_marks(heads), color=LINE, linewidth=1.6)
    if limit < top:
        axes.axhline(limit, color=QUIET, linewidth=0.9, linestyle=_DASHES)
        _beside(axes, f"standard: {_limit_words(found[0].standard)}", limit)
    if waits and max(waits) > top:
        _beside(axes, f"waits above {top:.3g} are not drawn", top, va="top")
    span = heads[-1] - heads[0]
    pad = 0.03 * span if span > 1e-6 * heads[-1] else 0.5 + 1e-6 * heads[-1]
    axes.set_xlim(heads[0] - pad, heads[-1] + pad)
    axes.set_ylim(0, top)
    axes.set_ylabel("mean wait, business days", fontsize="small")
    if all(each.is_integer() for each in heads):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    quiet_frame(axes)


def _marks(heads: Sequence[float]) -> dict[str, Any]:
    """Points where they can be told apart."""
    return {"marker": "o" if len(heads) <= 60 else "", "markersize": 3.5}


def _beside(axes: Axes, words: str, height: float, va: str = "bottom") -> None:
    """Write at the right end of a height, legible over lines."""
    axes.annotate(
        words,
        xy=(1, height),
        xycoords=("axes fraction", "data"),
        xytext=(-2, 2 if va == "bottom" else -2),
        textcoords="offset points",
        ha="right",
        va=va,
        fontsize="x-small",
        color=QUIET,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8},
    )


def _shares(axes: Axes, heads: Sequence[float], found: Sequence[Waiting], load: float) -> None:
    """Draw the shares seen; they leave 0 where the overload ends, and not at a number before."""
    overloaded = sum(one.is_unstable for one in found)
    bend = [load] if 0 < overloaded < len(heads) else []
    places = [*heads[:overloaded], *bend, *heads[overloaded:]]
    asked = [at for at in range(len(places)) if not bend or at != overloaded]
    lines = (
        (f"within {_limit_words(found[0].standard)}", "share_seen_within_standard", ABOVE, "-"),
        ("within 72 hours", "share_seen_within_72_hours", BETWEEN, "--"),
        ("on the same day", "share_seen_same_day", "#d98200", ":"),
    )
    for label, name, colour, style in lines:
        values = [getattr(one, name) for one in found]
        values[overloaded:overloaded] = [0.0] * len(bend)
        axes.plot(
            places, values, **_marks(heads), markevery=asked, color=colour, linestyle=style,
            linewidth=1.6, label=label,
        )  # fmt: skip
    share = found[0].standard.share
    if share is not None:
        axes.axhline(float(share), color=QUIET, linewidth=0.9, linestyle=_DASHES)
    ticks = np.linspace(0, 1, 6)
    axes.set_yticks(ticks, [f"{tick:.0%}" for tick in ticks])
    axes.set_ylim(0, 1.04)
    axes.set_ylabel("share of requests seen", fontsize="small")
    axes.legend(fontsize="small", frameon=False, loc="best")
    quiet_frame(axes)


def _shade(both: tuple[Axes, Axes], load: float) -> None:
    left, right = both[0].get_xlim()
    end = min(load, right)
    for axes in both:
        axes.axvspan(left, end, facecolor=_OVERLOADED, edgecolor="white", hatch="//", zorder=0)
        axes.set_xlim(left, right)
    if (end - left) / (right - left) > 0.05:  # else the word would be wider than the range
        both[0].text(
            (left + end) / 2, sum(both[0].get_ylim()) / 2, "overloaded", rotation=90, ha="center",
            va="center", fontsize="small",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip


def _split(axes: Axes) -> Axes:
    """Give the lower half of some axes to the shares, in any layout."""
    figure = axes.get_figure()
    assert figure is not None
    place = axes.get_subplotspec()
    if place is not None:
        inner = place.subgridspec(2, 1, hspace=0.12)
        axes.set_subplotspec(inner[0])
        return figure.add_subplot(inner[1], sharex=axes)
    box = axes.get_position()
    axes.set_position((box.x0, box.y0 + 0.53 * box.height, box.width, 0.47 * box.height))
    return figure.add_axes((box.x0, box.y0, box.width, 0.47 * box.height), sharex=axes)
