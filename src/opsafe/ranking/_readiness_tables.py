"""The table of a readiness assessment: every level by every theme, and what is below neutral."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from opsafe._used import UsedInputs
from opsafe.columns import Column, Columns, Text
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray
from opsafe.ranking._columns_of import floats, words
from opsafe.ranking._impact import Ranked
from opsafe.ranking._names import read_name
from opsafe.ranking._spread import camps_of
from opsafe.ranking._support import Assessment, Cell, Rules, Scale, flag_of, summed_up
from opsafe.ranking.figures import Defaults

__all__ = ["BEFORE_START", "beside", "rules_of", "tabulated"]

BEFORE_START: Final = "review suggested before the start"


def rules_of(defaults: Defaults, scale: Scale, used: UsedInputs) -> Rules:
    """When a mean is not to be used, noted down as planning values."""
    camps = camps_of(defaults, used)
    least, most = defaults.readiness_least_raters, defaults.readiness_most_spread
    used.note("readiness_least_raters", least.value, "planning value", least.reason)
    used.note("readiness_most_spread", most.value, "planning value", most.reason)
    steps = scale.high - scale.low
    return Rules(
        least_raters=int(least),
        most_spread=Fraction(most.value),
        camp_share=camps.share,
        camp_least_raters=camps.least,
        camp_low=scale.low + steps * camps.low,
        camp_high=scale.low + steps * camps.high,
    )


def tabulated(
    rows: Sequence[Assessment],
    levels: Sequence[str],
    themes: Sequence[str],
    scale: Scale,
    rules: Rules,
) -> tuple[Columns, Columns]:
    """All cells, and those below neutral."""
    grouped: dict[tuple[str, str], list[Assessment]] = {}
    for row in rows:
        grouped.setdefault((row.level, row.theme), []).append(row)
    keys = [(level, theme) for level in levels for theme in themes]
    found = [summed_up(grouped.get(key, ()), scale, rules, f"{key[0]}, {key[1]}") for key in keys]
    flags = [flag_of(cell, rules) for cell in found]
    means, gaps = [cell.mean for cell in found], [cell.gap for cell in found]
    columns: dict[str, Column] = {
        "level": Text.of(level for level, _ in keys),
        "theme": Text.of(theme for _, theme in keys),
        "support": floats(_unflagged(means, flags)),
        "support_mean": floats(means),
        "count": np.array([cell.count for cell in found], np.int64),
        "missing": np.array([cell.missing for cell in found], np.int64),
        "spread": _spreads(found),
        "desired": floats([cell.desired for cell in found]),
        "gap": floats(_unflagged(gaps, flags)),
        "gap_mean": floats(gaps),
        "resisting": floats([cell.resisting for cell in found]),
        "supporting": floats([cell.supporting for cell in found]),
        "flag": words(flags),
    }
    below = [at for at, mean in enumerate(means) if mean is not None and mean < scale.neutral]
    not_ready = Columns(
        {
            "level": Text.of(keys[at][0] for at in below),
            "theme": Text.of(keys[at][1] for at in below),
            "support_mean": floats([means[at] for at in below]),
            "flag": words([flags[at] for at in below]),
            "advice": Text.of(BEFORE_START for _ in below),
        }
    )
    return Columns(columns), not_ready


def _unflagged(
    values: Sequence[Fraction | None], flags: Sequence[str | None]
) -> list[Fraction | None]:
    """Values of what is not flagged."""
    return [None if flag is not None else value for value, flag in zip(values, flags, strict=True)]


def _spreads(found: Sequence[Cell | None]) -> FloatArray:
    """Standard deviations; NaN of fewer than two stakeholders."""
    return np.sqrt(floats([None if cell is None else cell.variance for cell in found]))


def beside(
    ranking: Ranked, criterion: str, rows: Sequence[Assessment], scale: Scale, rules: Rules
) -> Columns:
    """Ease and readiness of initiatives side by side; themes that are none stand below.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If it is no ranking, has no such criterion, or no theme is an initiative.
    """
    if not hasattr(ranking, "initiatives") or not hasattr(ranking, "criteria"):
        raise ArgumentTypeError("is no ranking", where="ranking", value=type(ranking).__name__)
    themes = tuple(dict.fromkeys(row.theme for row in rows))
    name = read_name(criterion, ranking.criteria.names, "criterion", "criterion")
    others = tuple(theme for theme in themes if theme not in ranking.initiatives)
    if len(others) == len(themes):
        raise ArgumentError(
            "no theme of the assessments is an initiative of the ranking",
            where="ranking",
            allowed=themes[:5],
            advice='Assess by initiative, or map columns={"theme": "your column"}',
        )
    at = list(ranking.criteria.names).index(name)
    ease = ranking.criteria.named(name).in_unit(ranking.values[:, at]).tolist()
    by_theme = {
        theme: summed_up(
            [row for row in rows if row.theme == theme], scale, rules, f"theme {theme!r}"
        )
        for theme in themes
    }
    listed_here = (*ranking.initiatives, *others)
    found = [by_theme.get(each) for each in listed_here]
    flags = [None if cell is None else flag_of(cell, rules) for cell in found]
    means = [None if cell is None else cell.mean for cell in found]
    return Columns(
        {
            "initiative": Text.of(listed_here),
            "ease": np.array([*ease, *[np.nan] * len(others)], np.float64),
            "readiness": floats(_unflagged(means, flags)),
            "readiness_mean": floats(means),
            "count": np.array([0 if cell is None else cell.count for cell in found], np.int64),
            "spread": _spreads(found),
            "flag": words(flags),
            "status": Text.of(
                "not ranked" if each in others else "both" if cell else "not assessed"
                for each, cell in zip(listed_here, found, strict=True)
            ),
        }
    )
