"""Stakeholder readiness: support and resistance by level and theme, with agreement checked first.

The scale, the fields and the formula of the published readiness tool are not public. What is here
follows two public stakeholder charts, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final, Literal, TypeAlias, cast, get_args

import numpy as np

from opsafe._arguments import read_word
from opsafe._display import counted
from opsafe._used import UsedInputs
from opsafe.columns import Columns
from opsafe.frames import Frame
from opsafe.provenance import EditionUsed
from opsafe.quantity import FloatArray
from opsafe.ranking._heat_map import heat_map
from opsafe.ranking._impact import Ranked
from opsafe.ranking._names import listed
from opsafe.ranking._readiness_tables import BEFORE_START, beside, rules_of, tabulated
from opsafe.ranking._support import (
    SCALES,
    Assessment,
    Influence,
    Rules,
    ScaleName,
    read_assessments,
)
from opsafe.ranking.editions import defaults as defaults_of
from opsafe.ranking.figures import Defaults
from opsafe.ranking.record import ResultRecord, record_of

__all__ = ["Measure", "Readiness", "readiness"]

Measure: TypeAlias = Literal[
    "support", "support_mean", "count", "missing", "spread", "desired", "gap", "gap_mean"
]
"""A column of :attr:`Readiness.table` that can be laid out as levels by themes."""

_LEVELS: Final = ("board", "executive", "department")
_TOOL: Final = (
    "scale and formula of the published readiness tool are not public: this does not reproduce it"
)
_FEW: Final = "a cell of one or two shows what they said: mind who sees support_mean and gap_mean"


@dataclass(frozen=True, slots=True, eq=False)
class Readiness:
    """Support of stakeholders by level and theme; no stakeholder is named in it."""

    table: Columns
    """level, theme, support and gap (NaN where flagged), support_mean and gap_mean (always),
    count (stakeholders), missing, spread (standard deviation), desired, resisting and supporting
    (stakeholders), flag ("too few", "too split" or none)."""
    levels: tuple[str, ...]
    """Board, executive and department first, then those of the caller."""
    themes: tuple[str, ...]
    scale: ScaleName
    not_ready: Columns
    """Cells whose mean is below neutral: level, theme, support_mean, flag, advice."""
    inputs: Columns
    """Each input with where it came from."""
    cautions: tuple[str, ...]
    """What a reader must know."""
    editions: tuple[EditionUsed, ...]
    _rows: tuple[Assessment, ...] = field(repr=False)
    _rules: Rules = field(repr=False)

    @property
    def audit(self) -> ResultRecord:
        """How it came about; assessments are in its hash and nowhere else."""
        return record_of(
            "readiness", self.inputs, self.cautions, editions=self.editions, rows=self._rows
        )

    def matrix(self, measure: Measure = "support") -> FloatArray:
        """Lay a column of the table out as levels by themes.

        Parameters
        ----------
        measure : str, optional
            The column.

        Returns
        -------
        array of float, shape (levels, themes)
            In the unit of the column; NaN where there is none.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If there is no such measure.
        """
        name = read_word(measure, "measure", get_args(Measure))
        found = np.array(self.table[name], np.float64).reshape(len(self.levels), len(self.themes))
        found.flags.writeable = False
        return found

    def beside_ease(self, ranking: Ranked, criterion: str = "ease") -> Columns:
        """Put readiness beside the ease that was rated; neither changes the other.

        Parameters
        ----------
        ranking : Ranking
            Its initiatives are found among the themes by name.
        criterion : str, optional
            The criterion that is ease.

        Returns
        -------
        Columns
            initiative, ease (in the criterion's unit), readiness (support over all levels, NaN
            where flagged), readiness_mean (always), count, spread, flag, and status: "both",
            "not assessed" (no such theme) or "not ranked" (a theme that is no initiative).

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If it is no ranking, has no such criterion, or no theme is an initiative.

        Notes
        -----
        Ease is rated by those who know the work, and may not know who resists it. The two are
        shown side by side and never multiplied.
        """
        return beside(ranking, criterion, self._rows, SCALES[self.scale], self._rules)

    def __repr__(self) -> str:
        levels, themes = counted(len(self.levels), "level"), counted(len(self.themes), "theme")
        return (
            f"Readiness({levels} x {themes},"
            f" scale {self.scale}, {len(self.not_ready)} below neutral)"
        )

    def _repr_html_(self) -> str:
        flags = self.table["flag"].reshape(len(self.levels), len(self.themes)).tolist()
        scale = SCALES[self.scale]
        drawn = heat_map(
            self.levels,
            self.themes,
            self.matrix(),
            self.matrix("count"),
            flags,
            reach=(scale.neutral, scale.high - scale.neutral),
        )
        notes = "".join(f"<li>{escape(each)}</li>" for each in self.cautions)
        said = f"Support from {scale.low} to {scale.high}, neutral at {scale.neutral}"
        return f"<p><b>{said}</b></p>{drawn}<p>Cautions:</p><ul>{notes}</ul>"


def readiness(
    assessments: Frame,
    *,
    columns: Mapping[str, str] | None = None,
    scale: ScaleName = "-2..2",
    influence: Influence = "1/3/9",
    defaults: str | Defaults = "2026-01",
) -> Readiness:
    """Sum stakeholders' support up by level and theme, and tell where a mean would mislead.

    Parameters
    ----------
    assessments : frame, mapping of columns, or list of records
        One row a stakeholder and theme. ``level`` (board, executive, department, or words of your
        own), ``theme`` (or initiative) and ``current`` (support now) must be there. ``stakeholder``
        tells rows of one stakeholder and stays inside; ``desired`` is the support that is aimed
        for; ``influence`` the weight of the stakeholder; ``share`` the part of a group in per
        cent, where a group is split over several rows that add up to 100.
    columns : mapping of str to str, optional
        Our column name to yours.
    scale : {"-2..2", "1..5"}, optional
        From strong resistance to strong support; neutral is 0, or 3.
    influence : {"1/3/9", "shares", "equal"}, optional
        Three grades; any weights, of which only the proportions matter; or none.
    defaults : str or Defaults, optional
        Planning values: when stakeholders are too few or too split to average.

    Returns
    -------
    Readiness
        Support by level and theme, on the scale given.

    Raises
    ------
    ColumnError
        If a column is missing, or shares have no stakeholder.
    ArgumentError, ArgumentTypeError
        If a cell lies outside the scale, is text, or a stakeholder is assessed twice; rows are
        named by position.
    EditionNotFoundError
        If no defaults have this id.

    Notes
    -----
    With influence f, part p of the stakeholder (1 for one who is not split) and support x:

    - mean = sum of f p x / sum of f p; the gap is the same mean of desired less current, over
      those who told both, and below 0 where there is more support than is aimed for;
    - spread = square root of the sum of p (x - m)² / (n - 1), m the mean without influence and n
      the number of stakeholders: people disagree whatever their influence;
    - too few: under 3 stakeholders (a group counts as one); too split: the spread is above 1.2,
      or at least 2 stakeholders and a quarter of all stand at or below one step under neutral,
      and as many at or above one step over it. The numbers are planning values.

    A flagged cell has no ``support``; its ``support_mean`` is there for those who look further.
    Missing is missing and never neutral. Influence of 1, 3 and 9, five steps of support and the
    split of a group are those of one chart [1]_; current, desired and the gap are those of
    another, which also asks that the core team be neutral or better before the start [2]_.

    References
    ----------
    .. [1] Lean DMAIC stakeholder analysis.
       https://leanmanufacturing.online/dmaic-measure-stakeholder-analysis/
    .. [2] Six Sigma stakeholder analysis.
       https://www.six-sigma-material.com/Stakeholder-Analysis.html

    Examples
    --------
    >>> from opsafe import ranking as rk
    >>> rows = [
    ...     {"level": "board", "theme": "naloxone", "current": 1, "desired": 2, "influence": 9},
    ...     {"level": "board", "theme": "naloxone", "current": 0, "desired": 1, "influence": 3},
    ...     {"level": "board", "theme": "naloxone", "current": 2, "desired": 2, "influence": 1},
    ... ]
    >>> found = rk.readiness(rows)
    >>> float(found.table["support"][0].round(3)), float(found.table["gap"][0].round(3))
    (0.846, 0.923)
    """
    scale_name = read_word(scale, "scale", get_args(ScaleName))
    kind = read_word(influence, "influence", get_args(Influence))
    used = UsedInputs()
    rules = rules_of(defaults_of(defaults), SCALES[scale_name], used)
    used.note("scale", scale_name, "given")
    used.note("influence", kind, "given")
    rows = read_assessments(assessments, columns, SCALES[scale_name], kind)
    levels = _levels(rows, used)
    themes = tuple(dict.fromkeys(row.theme for row in rows))
    table, not_ready = tabulated(rows, levels, themes, SCALES[scale_name], rules)
    _warn(rows, table, not_ready, used)
    return Readiness(
        table=table,
        levels=levels,
        themes=themes,
        scale=scale_name,
        not_ready=not_ready,
        inputs=used.table(),
        cautions=tuple(used.cautions),
        editions=tuple(used.editions.values()),
        _rows=tuple(rows),
        _rules=rules,
    )


def _levels(rows: Iterable[Assessment], used: UsedInputs) -> tuple[str, ...]:
    there = dict.fromkeys(row.level for row in rows)
    own = [level for level in there if level not in _LEVELS]
    if own:
        used.warn(f"levels of your own: {listed(own)}")
    return (*(level for level in _LEVELS if level in there), *own)


def _warn(rows: Sequence[Assessment], table: Columns, not_ready: Columns, used: UsedInputs) -> None:
    used.warn(_TOOL)
    flags = cast("list[str | None]", table["flag"].tolist())
    flagged = sum(flag is not None for flag in flags)
    if flagged:
        used.warn(f"{flagged} of {len(flags)} cells are too few or too split to average")
    if bool(np.isin(table["count"], (1, 2)).any()):
        used.warn(_FEW)
    missing = int(table["missing"].sum())
    if missing:
        used.warn(f"assessments missing: {missing}; they count nowhere, and not as neutral")
    if any(row.part != 1 for row in rows):
        used.warn("a group that is split counts as one stakeholder, whatever its size")
    if len(not_ready):
        used.warn(f"cells below neutral: {len(not_ready)}; {BEFORE_START}")
