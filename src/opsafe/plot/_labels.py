"""Short labels beside marks, where they hide neither each other nor a mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from opsafe.quantity import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["label_marks"]

_DIGIT: Final = (4.6, 8.5)  # points that a character takes
_ANGLES: Final = 16
_STEPS: Final = (1.5, 5.0, 10.0, 16.0, 24.0, 34.0)  # points from the mark to the label
_LINE_FROM: Final = 8.0  # a label farther away gets a line to its mark


def label_marks(
    axes: Axes, places: FloatArray, radii: FloatArray, texts: Sequence[str]
) -> list[tuple[float, float]]:
    """Write a text beside each mark; return how far its middle stands from the mark's, in points.

    ``places`` are x and y in data; ``radii`` are those of the marks in points. The axes must have
    their limits and everything beside them already, since the layout decides where marks lie.
    """
    from matplotlib.patheffects import withStroke

    figure = axes.get_figure(root=True)
    if figure is None or not len(texts):
        return []
    halo = [withStroke(linewidth=2.5, foreground="white")]
    figure.draw_without_rendering()
    points = axes.transData.transform(places) * 72 / figure.dpi
    frame = np.asarray(axes.get_window_extent().get_points()) * 72 / figure.dpi
    boxes: list[FloatArray] = []
    moves = []
    for at, text in enumerate(texts):
        half = np.array([_DIGIT[0] * len(text), _DIGIT[1]]) / 2
        tried = [
            (_cost(points[at] + move, half, points, radii, boxes, frame), step, number, move)
            for number, (step, move) in enumerate(_around(radii[at], half))
        ]
        _, step, _, move = min(tried, key=lambda each: each[:3])
        boxes.append(np.concatenate([points[at] + move, half]))
        moves.append((float(move[0]), float(move[1])))
        axes.annotate(
            text, xy=(float(places[at, 0]), float(places[at, 1])), xytext=moves[-1],
            textcoords="offset points", ha="center", va="center", fontsize="small", zorder=5,
            annotation_clip=False, path_effects=halo,
            arrowprops=None if step <= _LINE_FROM else {"arrowstyle": "-", "linewidth": 0.5,
                                                        "shrinkA": 0, "shrinkB": radii[at]},
        )  # fmt: skip
    return moves


def _around(radius: float, half: FloatArray) -> Iterator[tuple[float, FloatArray]]:
    """Ways from a mark to its label, the nearest first, the first one up and to the right."""
    angles = np.pi / 4 + np.arange(_ANGLES) * 2 * np.pi / _ANGLES
    for step in _STEPS:
        for angle in angles:
            way = np.array([np.cos(angle), np.sin(angle)])
            yield step, way * (radius + step) + half * way


def _cost(
    middle: FloatArray,
    half: FloatArray,
    points: FloatArray,
    radii: FloatArray,
    boxes: Sequence[FloatArray],
    frame: FloatArray,
) -> float:
    """How much a label here would hide; 0 where it hides nothing."""
    apart = np.maximum(np.abs(points - middle) - half, 0.0)
    hidden = np.maximum(radii - np.hypot(apart[:, 0], apart[:, 1]), 0.0).sum()
    for box in boxes:
        over = np.minimum(half + box[2:] - np.abs(middle - box[:2]), 2 * half)
        hidden += float(np.prod(np.maximum(over, 0.0)))
    outside = np.maximum(frame[0] - (middle - half), 0) + np.maximum(middle + half - frame[1], 0)
    return float(hidden + outside.sum())
