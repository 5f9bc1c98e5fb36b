"""Assessments of stakeholders as they are read, and what a cell of the heat map comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from opsafe.errors import ArgumentError, ColumnError
from opsafe.frames import Frame, Table, open_table
from opsafe.ranking._cells import cells, exact_cells, rows_named, words_in

__all__ = [
    "SCALES",
    "Assessment",
    "Cell",
    "Flag",
    "Influence",
    "Rules",
    "Scale",
    "ScaleName",
    "flag_of",
    "read_assessments",
    "summed_up",
]

ScaleName: TypeAlias = Literal["-2..2", "1..5"]
Influence: TypeAlias = Literal["1/3/9", "shares", "equal"]
Flag: TypeAlias = Literal["too few", "too split"]

_WHOLE: Final = 100  # a group's shares are per cent
_GRADES: Final = (1, 3, 9)
_MOST_INFLUENCE: Final = 1e9


@dataclass(frozen=True, slots=True)
class Scale:
    """Steps of support, from strong resistance to strong support."""

    low: int
    neutral: int
    high: int


SCALES: Final[Mapping[ScaleName, Scale]] = {"-2..2": Scale(-2, 0, 2), "1..5": Scale(1, 3, 5)}


@dataclass(frozen=True, slots=True)
class Rules:
    """When a mean is not to be used: numbers of the edition of planning values."""

    least_raters: int
    most_spread: Fraction
    camp_share: Fraction
    camp_least_raters: int
    camp_low: Fraction
    """At or below it a stakeholder is in the lower camp, on the scale in use."""
    camp_high: Fraction


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one row says: a stakeholder, or a part of a group, on a theme."""

    level: str
    stakeholder: str
    theme: str
    current: Fraction | None
    desired: Fraction | None
    influence: Fraction
    part: Fraction
    """The part of the stakeholder that the row is about; 1 for one who is not split."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What the stakeholders of a cell say together; None where nobody can tell."""

    count: int
    """Stakeholders whose current support is known."""
    missing: int
    mean: Fraction | None
    variance: Fraction | None
    """Of stakeholders, alike whatever their influence; divided by their number less one."""
    desired: Fraction | None
    gap: Fraction | None
    resisting: Fraction
    """Stakeholders below neutral; of a group, the part."""
    supporting: Fraction
    two_camps: bool


def read_assessments(
    data: Frame, columns: Mapping[str, str] | None, scale: Scale, influence: Influence
) -> list[Assessment]:
    """Read a table of assessments.

    Raises
    ------
    ColumnError, ArgumentError, ArgumentTypeError
        If a column or a cell is not what it must be; rows are named, and no stakeholder is.
    """
    table = open_table(
        data,
        where="assessments",
        required=("level", "theme", "current"),
        optional=("stakeholder", "desired", "influence", "share"),
        columns=columns,
    )
    if not len(table):
        raise ArgumentError("holds no assessment", where="assessments")
    levels, themes = words_in(table, "level"), words_in(table, "theme")
    advice = f"The scale is {scale.low} to {scale.high}, neutral at {scale.neutral}"
    current = exact_cells(table, "current", scale.low, scale.high, advice=advice)
    desired = exact_cells(table, "desired", scale.low, scale.high, advice=advice)
    names = _stakeholders(table)
    parts = _parts(table, list(zip(levels, names, themes, strict=True)), current)
    weights = _influence(table, influence, current)
    return [
        Assessment(*each)
        for each in zip(levels, names, themes, current, desired, weights, parts, strict=True)
    ]


def _stakeholders(table: Table) -> list[str]:
    """Names that tell rows of one stakeholder; they leave this module in no message."""
    if "stakeholder" in table:
        return words_in(table, "stakeholder")
    if "share" in table:
        raise ColumnError(
            "has shares of groups and no column 'stakeholder' that tells the groups",
            where="assessments",
        )
    return [str(row) for row in range(len(table))]


def _parts(
    table: Table, keys: Sequence[tuple[str, str, str]], current: Sequence[Fraction | None]
) -> list[Fraction]:
    """The part of its stakeholder that each row is about; the parts of a group add up to 1."""
    shares = exact_cells(table, "share", 0, _WHOLE, advice="Shares are per cent of the group")
    rows: dict[tuple[str, str, str], list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    for same in rows.values():
        given = [shares[row] for row in same]
        if len(same) > 1 and None in given:
            raise ArgumentError(
                f"assess one stakeholder twice on one theme: {rows_named(same)}",
                where="assessments",
                advice="Give each row of a group that is split its share, per cent",
            )
        total = sum((each for each in given if each is not None), Fraction())
        if given != [None] and total != _WHOLE:
            raise ArgumentError(
                f"add up to {float(total):g} % and not to 100 %: {rows_named(same)}",
                where="assessments['share']",
            )
        unknown = [row for row in same if shares[row] is not None and current[row] is None]
        if unknown:
            raise ArgumentError(
                f"is missing where a share is given: {rows_named(unknown)}",
                where="assessments['current']",
            )
    return [Fraction(1) if share is None else share / _WHOLE for share in shares]


def _influence(table: Table, kind: Influence, current: Sequence[Fraction | None]) -> list[Fraction]:
    if kind == "equal":
        return [Fraction(1)] * len(table)
    if "influence" not in table:
        raise ColumnError(
            "there is no column 'influence'",
            where="assessments",
            advice='influence="equal" counts every stakeholder alike',
        )
    where = f"assessments[{table.names['influence']!r}]"
    found = exact_cells(table, "influence", 0, _MOST_INFLUENCE)
    absent = [
        row
        for row, (weight, support) in enumerate(zip(found, current, strict=True))
        if weight is None and support is not None
    ]
    if absent:
        raise ArgumentError(f"is missing in {rows_named(absent)}", where=where)
    weights = [Fraction(0) if weight is None else weight for weight in found]
    if kind == "1/3/9":
        other = [row for row, each in enumerate(found) if each is not None and each not in _GRADES]
        if other:
            raise ArgumentError(
                f"is none of the three grades in {rows_named(other)}",
                where=where,
                value=cells(table, "influence")[other[0]],
                allowed=_GRADES,
                advice='influence="shares" takes any weights',
            )
    return weights


def summed_up(rows: Iterable[Assessment], scale: Scale, rules: Rules, where: str) -> Cell:
    """Work out what the rows of a cell come to, exactly.

    Raises
    ------
    ArgumentError
        If those who told their support have no influence at all.
    """
    told: list[tuple[Assessment, Fraction]] = []
    missing = set()
    for row in rows:
        if row.current is None:
            missing.add((row.level, row.stakeholder))
        elif row.part:
            told.append((row, row.current))
    count = len({(row.level, row.stakeholder) for row, _ in told})
    if told and not any(row.influence for row, _ in told):
        raise ArgumentError(f"adds up to 0 for {where}", where="influence")
    # Few differ in what they say, so each saying is added up once, times those who share it.
    heard = Counter((row.influence, row.part, at, row.desired) for row, at in told)
    said = [(weight, part * heads, at, aim) for (weight, part, at, aim), heads in heard.items()]
    both = [(weight * heads, at, aim) for weight, heads, at, aim in said if aim is not None]
    return Cell(
        count=count,
        missing=len(missing),
        mean=_mean((weight * heads, at) for weight, heads, at, _ in said),
        variance=_variance([(heads, at) for _, heads, at, _ in said], count),
        desired=_mean((weight, aim) for weight, _, aim in both),
        gap=_mean((weight, aim - at) for weight, at, aim in both),
        resisting=sum((heads for _, heads, at, _ in said if at < scale.neutral), Fraction()),
        supporting=sum((heads for _, heads, at, _ in said if at > scale.neutral), Fraction()),
        two_camps=_is_camp([row for row, at in told if at <= rules.camp_low], count, rules)
        and _is_camp([row for row, at in told if at >= rules.camp_high], count, rules),
    )


def _mean(values: Iterable[tuple[Fraction, Fraction]]) -> Fraction | None:
    """Mean of values by weight; None without any."""
    total = weights = Fraction()
    for weight, value in values:
        total += weight * value
        weights += weight
    return total / weights if weights else None


def _variance(values: Sequence[tuple[Fraction, Fraction]], count: int) -> Fraction | None:
    """Variance of values by heads, of so many stakeholders; None under two."""
    if count < 2:
        return None
    mean = sum((heads * at for heads, at in values), Fraction()) / count
    squares: Fraction = sum((heads * (at - mean) ** 2 for heads, at in values), Fraction())
    return squares / (count - 1)


def _is_camp(rows: Sequence[Assessment], count: int, rules: Rules) -> bool:
    """Whether as many stakeholders, and as large a share of all, stand there as make a camp."""
    heads = {(row.level, row.stakeholder) for row in rows}
    held: Fraction = sum((row.part for row in rows), Fraction())
    return len(heads) >= rules.camp_least_raters and held >= rules.camp_share * count


def flag_of(cell: Cell, rules: Rules) -> Flag | None:
    """Tell why the mean of a cell is not to be used; None where it may be."""
    if cell.count < rules.least_raters:
        return "too few"
    too_wide = cell.variance is not None and cell.variance > rules.most_spread**2
    return "too split" if cell.two_camps or too_wide else None
