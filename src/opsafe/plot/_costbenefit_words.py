"""What the pictures of costs and benefits share: money on an axis, and columns read safely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from opsafe.columns import Columns
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.plot._frame import ABOVE, BELOW, BETWEEN, QUIET
from opsafe.plot._workforce_words import plain_words, tick_words
from opsafe.quantity import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "HATCHES",
    "LOOKS",
    "Money",
    "draws_words",
    "expect",
    "finite",
    "legend_beside",
    "money_of",
    "numbers",
    "read_effect",
    "scaled_axis",
]

# Colour and style of lines, shade and hatch of bars: each differs without colour too.
LOOKS: Final = (
    (ABOVE, "-"),
    ("#d98200", "--"),
    (BETWEEN, "-."),
    ("#000000", ":"),
    (BELOW, "-"),
    (QUIET, "--"),
)
HATCHES: Final = ("", "///", "...", "xx", "---")

_LARGEST: Final = 1e100  # beyond it axes cannot be scaled
_UNITS: Final = ((2e9, 1e9, "billion USD"), (2e6, 1e6, "million USD"), (2e4, 1e3, "thousand USD"))


class Money:
    """How money is written on one picture: in one unit, for all of its numbers.

    Parameters
    ----------
    largest : float
        The largest absolute amount on the picture, in USD.
    """

    __slots__ = ("divisor", "unit")

    def __init__(self, largest: float) -> None:
        self.divisor, self.unit = next(
            ((divisor, unit) for least, divisor, unit in _UNITS if largest >= least), (1.0, "USD")
        )

    def written(self, usd: float, *, signed: bool = False) -> str:
        """An amount in this unit, without the unit."""
        value = usd / self.divisor
        size = f"{abs(value):,.0f}" if abs(value) >= 1000 else f"{abs(value):,.3g}"
        if float(size.replace(",", "")) == 0:
            return "0"
        return ("-" if value < 0 else "+" if signed else "") + size

    def tick(self, usd: float, _place: float = 0) -> str:
        """An amount beside a tick."""
        return tick_words(round(usd / self.divisor, 9))


def money_of(*amounts: FloatArray) -> Money:
    """The unit in which all of these amounts can be read."""
    return Money(max((float(np.abs(each).max()) for each in amounts if each.size), default=0.0))


def scaled_axis(axes: Axes, money: Money, what: str, *, on: str) -> None:
    """Name an axis of money, and write its ticks in the picture's unit."""
    axis = axes.yaxis if on == "y" else axes.xaxis
    axis.set_major_formatter(money.tick)
    axis.set_label_text(f"{what}, {money.unit}", parse_math=False)


def expect(result: object, kind: type, where: str, maker: str) -> None:
    """Refuse what is no such result."""
    if not isinstance(result, kind):
        raise ArgumentTypeError(
            f"a {type(result).__name__} is no {kind.__name__}",
            where=where,
            advice=f"Draw what {maker} returns",
        )


def read_effect(effect: object) -> str:
    """What an effect is, as words for an axis."""
    named = plain_words(effect) if isinstance(effect, str) else ""
    if not named:
        raise ArgumentTypeError("is no text", where="effect", advice="Name the effect and its unit")
    return named


def draws_words(draws: int) -> str:
    """How many draws there are."""
    return "1 draw" if draws == 1 else f"{draws:,} draws"


def numbers(table: Columns, name: str) -> FloatArray:
    """A column of finite numbers of a table."""
    return finite(np.asarray(table[name], np.float64), name)


def finite(values: FloatArray, where: str) -> FloatArray:
    """Refuse what axes cannot show."""
    if not bool((np.abs(values) <= _LARGEST).all()):
        raise ArgumentError(f"a value is not finite, or beyond {_LARGEST:g}", where=where)
    return values


def legend_beside(axes: Axes) -> None:
    """A legend below the axes, where it hides nothing."""
    handles, labels = axes.get_legend_handles_labels()
    legend = axes.legend(
        handles,
        labels,
        fontsize="small",
        frameon=False,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        ncols=2 if len(labels) > 1 else 1,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
