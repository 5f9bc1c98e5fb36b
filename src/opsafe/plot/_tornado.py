"""Which input moves a result most: one bar an input, the widest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.plot._frame import BELOW, LINE, open_axes, quiet_frame, write_titles
from opsafe.plot._workforce_words import plain_words, tick_words
from opsafe.uncertainty import Swing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["tornado"]

_MOST_INPUTS: Final = 30
_LARGEST: Final = 1e100  # beyond it axes cannot be scaled


def tornado(swings: Sequence[Swing], *, result: str = "result", ax: Axes | None = None) -> Axes:
    """Draw what each input alone does to a result, the widest first.

    Parameters
    ----------
    swings : sequence of Swing
        What :func:`opsafe.uncertainty.tornado` returned.
    result : str, optional
        What the result is, with its unit, such as ``"members treated in month 24"``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it a figure of its own.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: the result, a bar an input between its two results. The value of the input
        stands at each end; the low one has the open circle. At most 30 inputs are drawn.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If there is no swing, or a value of one is not finite.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> from opsafe import plot
    >>> from opsafe.uncertainty import Uniform, tornado
    >>> inputs = {"patients": Uniform(low=20, high=40), "share": Uniform(low=0.4, high=0.6)}
    >>> swings = tornado(lambda each: each["patients"] * each["share"], inputs)
    >>> axes = plot.tornado(swings, result="patients of the plan")
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['patients', 'share']
    """
    found = _read(swings)
    named = _read_name(result)
    shown = found[:_MOST_INPUTS]
    axes = open_axes(ax, height=1.6 + 0.36 * len(shown))
    caption = "Each input alone at its low and its high value, the others as planned"
    if len(found) > len(shown):
        caption += f"; {len(found) - len(shown)} inputs that do less are not drawn"
    write_titles(axes, "What moves the result", caption)
    for place, swing in enumerate(shown):
        _draw(axes, place, swing)
    names = [plain_words(swing.name) for swing in shown]
    axes.set_yticks(range(len(shown)), names, parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel(
        f"{named}\nat each end the input: open circle low, filled circle high",
        parse_math=False,
    )
    ends = [end for swing in shown for end in (swing.at_low, swing.at_high)]
    room = 0.18 * (max(ends) - min(ends)) or abs(ends[0]) or 1.0
    axes.set_xlim(min(ends) - room, max(ends) + room)
    axes.xaxis.set_major_formatter(tick_words)
    axes.tick_params(axis="y", length=0)
    quiet_frame(axes)
    return axes


def _read(swings: object) -> list[Swing]:
    if not isinstance(swings, Sequence) or not all(isinstance(each, Swing) for each in swings):
        raise ArgumentTypeError(
            "is no sequence of Swing",
            where="swings",
            advice="Draw what opsafe.uncertainty.tornado returns",
        )
    if not swings:
        raise ArgumentError("holds no swing", where="swings", advice="Give an input that varies")
    for each in swings:
        values = (each.low_input, each.high_input, each.at_low, each.at_high)
        if not all(abs(value) <= _LARGEST for value in values):
            raise ArgumentError(
                f"a value is not finite, or beyond {_LARGEST:g}", where="swings", value=each.name
            )
    return sorted(swings, key=lambda swing: -swing.width)


def _read_name(result: object) -> str:
    name = plain_words(result) if isinstance(result, str) else ""
    if not name:
        raise ArgumentTypeError("is no text", where="result", advice="Name the result and its unit")
    return name


def _draw(axes: Axes, place: int, swing: Swing) -> None:
    """A bar between the two results, with the input's value outside of each end."""
    left, right = sorted((swing.at_low, swing.at_high))
    axes.barh(place, right - left, left=left, height=0.55, color=BELOW, edgecolor=LINE, lw=0.8)
    rising = swing.at_low <= swing.at_high
    ends = ((swing.at_low, swing.low_input, "white"), (swing.at_high, swing.high_input, LINE))
    for end, ((at, value, face), on_left) in enumerate(
        zip(ends, (rising, not rising), strict=True)
    ):
        axes.plot(at, place, "o", markerfacecolor=face, markeredgecolor=LINE, zorder=3 - end / 2)
        axes.annotate(
            f"{value:.4g}",
            xy=(at, place),
            xytext=(-8 if on_left else 8, 0),
            textcoords="offset points",
            ha="right" if on_left else "left",
            va="center",
            fontsize="small",
        )
