"""Four quadrants of impact and ease, with the cut that makes them and how sure each place is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from opsafe._arguments import read_number, read_word
from opsafe._display import as_html
from opsafe.columns import Columns, Nullable, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import BoolArray, FloatArray
from opsafe.ranking._names import read_by_name, read_name, read_names
from opsafe.ranking._reading import read_array, read_labels
from opsafe.ranking.criteria import Criteria, Criterion

__all__ = ["QUADRANTS", "Quadrants", "quadrants"]

Cut: TypeAlias = Literal["midpoint", "median"] | Mapping[str, float]
"""Where high begins: half way between the anchors, at the median of the initiatives, or given."""
QUADRANTS: Final[Mapping[str, str]] = {
    "quick_win": "Quick win",
    "major_project": "Major project",
    "fill_in": "Fill-in",
    "thankless": "Thankless",
}
"""Code and label: impact and ease both high, impact only, ease only, neither."""
_ON_THE_LINE: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Quadrants:
    """Initiatives by quadrant."""

    initiatives: tuple[str, ...]
    quadrant: tuple[str | None, ...]
    """Code of the quadrant; None where a value is missing."""
    on_the_line: BoolArray
    """Whether a value lies within 1e-9 of its cut."""
    cuts: dict[str, float]
    """By criterion, in its own unit."""
    cut: str
    """``"midpoint"``, ``"median"`` or ``"given"``."""
    relative: bool
    """Whether the cut moves with the initiatives: then high means above the others, not good."""
    probability: FloatArray | None
    """Shape (initiatives, 4), in the order of :data:`QUADRANTS`; NaN where a value is missing."""
    labels: dict[str, str]
    table: Columns
    """``initiative``, a column for each criterion in its unit, ``quadrant``, ``label``,
    ``on_the_line``, ``quadrant_probability``, and a probability for each quadrant."""

    @property
    def own_probability(self) -> FloatArray:
        """Probability of the quadrant in which each stands; NaN where it is not evaluated."""
        if self.probability is None:
            return np.full(len(self.initiatives), np.nan)
        codes = list(QUADRANTS)
        return np.array(
            [
                np.nan if code is None else row[codes.index(code)]
                for code, row in zip(self.quadrant, self.probability, strict=True)
            ]
        )

    def __repr__(self) -> str:
        told = (f"{self.quadrant.count(code)} {name.lower()}" for code, name in self.labels.items())
        unknown = self.quadrant.count(None)
        rest = f", {unknown} not rated" * bool(unknown)
        cut = f"{self.cut}, a relative view" if self.relative else self.cut
        return f"Quadrants({', '.join(told)}{rest}; cut: {cut})"

    def _repr_html_(self) -> str:
        return as_html(repr(self), self.table)


def quadrants(
    initiatives: Sequence[str],
    values: FloatArray,
    criteria: Criteria,
    *,
    cut: Cut = "midpoint",
    labels: Mapping[str, str] | None = None,
    axes: tuple[str, str] = ("impact", "ease"),
    drawn: FloatArray | None = None,
) -> Quadrants:
    """Place initiatives in the quadrants of two criteria.

    Parameters
    ----------
    initiatives : sequence of str
        Names.
    values : array of float, shape (initiatives, criteria)
        Shares of the way from worst to best anchor, 0 to 1; NaN where nobody rated.
    criteria : Criteria
        The criteria with their anchors.
    cut : {"midpoint", "median"} or mapping of str to float, optional
        Half way between the anchors; the median of the initiatives, a relative view; or a number
        for each of the two criteria, in its own unit.
    labels : mapping of str to str, optional
        Words of your own for some of :data:`QUADRANTS`.
    axes : tuple of str, optional
        The criterion that stands for impact, and the one for ease.
    drawn : array of float, shape (draws, initiatives, criteria), optional
        Values by draw; gives the probability of each quadrant.

    Returns
    -------
    Quadrants
        Quadrant, whether a value lies on the line, and probabilities.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If values are no shares from 0 to 1, a criterion of ``axes``, a cut or a label is not known,
        or a cut lies outside the anchors.

    Notes
    -----
    High is at the cut or better; within 1e-9 of the cut counts as at it, and is flagged. Under the
    median each draw has a median of its own. A probability is the share of draws.

    Examples
    --------
    >>> import numpy as np
    >>> from opsafe import ranking as rk
    >>> found = rk.quadrants(["a", "b"], np.array([[0.9, 0.5], [0.2, 0.1]]), rk.IMPACT_EASE_1_5)
    >>> found.quadrant, found.on_the_line.tolist(), found.cuts
    (('quick_win', 'thankless'), [True, False], {'impact': 3.0, 'ease': 3.0})
    """
    if not isinstance(criteria, Criteria):
        raise ArgumentTypeError("is no Criteria", where="criteria", value=type(criteria).__name__)
    names = read_names(axes, criteria.names, "axes", "criterion")
    if len(names) != 2:
        raise ArgumentError("are not two criteria", where="axes", value=names)
    wide = len(criteria.names)
    values = _read_shares(values, "values", (None, wide))
    known = read_labels(initiatives, len(values), "initiatives", "initiative")
    both = [criteria.named(name) for name in names]
    places = [criteria.names.index(name) for name in names]
    own = np.column_stack([each.in_unit(values[:, at]) for each, at in zip(both, places)])  # noqa: B905
    kind, cuts = _read_cut(cut, both, own)
    words = _read_labels(labels)
    code, on_the_line = _place(own, cuts, both)
    probability = None
    if drawn is not None:
        shares = _read_shares(drawn, "drawn", (None, len(values), wide))
        probability = _probability(shares[:, :, places], cuts, both, relative=kind == "median")
    codes = list(QUADRANTS)
    found = tuple(None if each < 0 else codes[each] for each in code.tolist())
    on_the_line.flags.writeable = False
    said = dict(zip(names, map(float, cuts), strict=True))
    shown = _table(known, names, own, found, on_the_line, probability, words)
    return Quadrants(
        known,
        found,
        on_the_line,
        said,
        kind,
        kind == "median",
        probability,
        words,
        shown,
    )


def _read_shares(given: object, where: str, shape: Sequence[int | None]) -> FloatArray:
    """Read anchored values; ratings in their own unit would all be high."""
    axes = f"table of {'draws by ' * (len(shape) > 2)}initiatives by {shape[-1]} criteria"
    found = read_array(given, where, shape=shape, axes=axes, missing=True)
    if not found.shape[0]:
        raise ArgumentError("is empty", where=where)
    if ((found < -_ON_THE_LINE) | (found > 1 + _ON_THE_LINE)).any():
        raise ArgumentError(
            "lies outside 0 to 1 somewhere",
            where=where,
            advice="Criterion.anchored() makes shares of ratings",
        )
    return found


def _read_cut(cut: object, both: Sequence[Criterion], own: FloatArray) -> tuple[str, FloatArray]:
    if isinstance(cut, Mapping):
        given = read_by_name(cut, [each.name for each in both], "cut")
        return "given", np.array(
            [
                read_number(given[each.name], f"cut[{each.name!r}]", each.low, each.high)
                for each in both
            ]
        )
    kind = read_word(cut, "cut", ("midpoint", "median"))
    if kind == "midpoint":
        return kind, np.array([each.midpoint for each in both])
    if bool(np.isnan(own).all(axis=0).any()):
        raise ArgumentError("has no value to take a median of", where="cut", value=cut)
    return kind, np.nanmedian(own, axis=0)


def _read_labels(labels: object) -> dict[str, str]:
    if labels is None:
        return dict(QUADRANTS)
    if not isinstance(labels, Mapping):
        raise ArgumentTypeError(
            "is no mapping of quadrant to label", where="labels", value=type(labels).__name__
        )
    found = dict(QUADRANTS)
    for code, label in labels.items():
        known = read_name(code, QUADRANTS, "labels", "quadrant")
        if not isinstance(label, str) or not label.strip():
            raise ArgumentTypeError(
                "is no text", where=f"labels[{known!r}]", value=type(label).__name__
            )
        found[known] = label
    return found


def _place(own: FloatArray, cuts: FloatArray, both: Sequence[Criterion]) -> tuple[Any, BoolArray]:
    """Number of the quadrant, -1 where a value is missing, and whether one is at its cut."""
    better = np.array([1.0 if each.best > each.worst else -1.0 for each in both])
    above = (own - cuts) * better
    high = above >= -_ON_THE_LINE
    code = np.where(high[..., 0], np.where(high[..., 1], 0, 1), np.where(high[..., 1], 2, 3))
    missing = np.isnan(own).any(axis=-1)
    on_the_line = (np.abs(above) <= _ON_THE_LINE).any(axis=-1) & ~missing
    return np.where(missing, -1, code), on_the_line


def _probability(
    drawn: FloatArray, cuts: FloatArray, both: Sequence[Criterion], *, relative: bool
) -> FloatArray:
    own = np.stack([each.in_unit(drawn[:, :, at]) for at, each in enumerate(both)], axis=-1)
    if relative:
        # Of a criterion that too few rated nothing is drawn.
        unknown = np.asarray(np.isnan(own).all(axis=1), bool)
        medians = np.nanmedian(np.where(unknown[:, None, :], 0.0, own), axis=1)
        cuts = np.where(unknown, np.nan, medians)[:, None, :]
    code, _ = _place(own, cuts, both)
    shares = np.stack([(code == at).mean(axis=0) for at in range(len(QUADRANTS))], axis=-1)
    shares[(code < 0).any(axis=0)] = np.nan
    shares.flags.writeable = False
    return np.asarray(shares, np.float64)


def _table(
    initiatives: tuple[str, ...],
    names: Sequence[str],
    own: FloatArray,
    found: Sequence[str | None],
    on_the_line: BoolArray,
    probability: FloatArray | None,
    labels: Mapping[str, str],
) -> Columns:
    codes = list(QUADRANTS)
    place = np.array([-1 if code is None else codes.index(code) for code in found], np.int64)
    shares = np.full((len(found), len(codes)), np.nan) if probability is None else probability
    mine = np.where(place < 0, np.nan, shares[np.arange(len(found)), place])
    return Columns(
        {
            "initiative": Text.of(initiatives),
            **{name: own[:, at] for at, name in enumerate(names)},
            "quadrant": Text(place, tuple(codes)),
            "label": Text(place, tuple(labels[code] for code in codes)),
            "on_the_line": Nullable(on_the_line, place >= 0),
            "quadrant_probability": mine,
            **{f"{code}_probability": shares[:, at] for at, code in enumerate(codes)},
        }
    )
