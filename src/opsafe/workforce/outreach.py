"""Prescribers suggested for outreach: eligible and inactive, or with room, by members in reach."""

# More than 300 lines: reading a row, judging it and ranking it are one list.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe._arguments import read_number
from opsafe._codes import AdvisedCode
from opsafe._readings import read_codes, read_numbers, read_text
from opsafe.columns import Column, Columns, Nullable, Text
from opsafe.errors import ArgumentError
from opsafe.frames import Frame, Table, open_table
from opsafe.provenance import EditionUsed
from opsafe.quantity import BoolArray, FloatArray, GridState, IntArray
from opsafe.workforce._places import Name, is_table, read_amounts, read_choice
from opsafe.workforce._travel import Missing, Travel, inside, read_limit, read_travel
from opsafe.workforce.figures import STAGES
from opsafe.workforce.reach import Reach, ReachStandard

__all__ = ["Outreach", "OutreachReason", "outreach"]

_REQUIRED: Final = ("prescriber_id", "area", "stage")
_OPTIONAL: Final = ("patients", "target_patients")
_INACTIVE: Final = ("registered", "ever_prescribed")
_ACTIVE: Final = ("prescribing", "open", "open_to_plan")
_MOST: Final = 1_000_000
_DECIMALS: Final = 6
_LONGEST_SEEN: Final = 40


class OutreachReason(AdvisedCode):
    """Why a row was set aside; ``advice`` says what to do."""

    PRESCRIBER_MISSING = "PRESCRIBER_MISSING", "Give the row a prescriber id"
    AREA_MISSING = "AREA_MISSING", "Give the area of the prescriber"
    AREA_UNKNOWN = (
        "AREA_UNKNOWN",
        "Name an area of the gaps or of the travel, as it is written there, text or number",
    )
    STAGE_MISSING = "STAGE_MISSING", "Give the stage that the prescriber has reached"
    STAGE_UNKNOWN = "STAGE_UNKNOWN", f"Write the stage as one of: {', '.join(STAGES)}"
    PATIENTS_UNUSABLE = (
        "PATIENTS_UNUSABLE",
        "Give patients as a whole number from 0 to 1,000,000, or leave them out",
    )
    TARGET_UNUSABLE = (
        "TARGET_UNUSABLE",
        "Give target_patients as a number from 0 to 1,000,000, or leave it out",
    )
    STAGE_CONTRADICTED = (
        "STAGE_CONTRADICTED",
        "Correct the stage or the patients: there are patients before the stage of prescribing",
    )
    REPEATED = "REPEATED", "Nothing: an earlier row has this prescriber and area"

    @property
    def field(self) -> str:
        """The column that a person would look at."""
        return _FIELDS[self.value.partition("_")[0]]


_FIELDS: Final = {
    "PRESCRIBER": "prescriber_id",
    "REPEATED": "prescriber_id",
    "AREA": "area",
    "STAGE": "stage",
    "PATIENTS": "patients",
    "TARGET": "target_patients",
}
_REASONS: Final = tuple(OutreachReason)


@dataclass(frozen=True, slots=True)
class Outreach:
    """Who is suggested for outreach, in order, and the rows that could not be used."""

    suggested: Frame
    """prescriber_id and area as you wrote them, stage, why, room_patients (missing for those who
    are inactive), unmet_members_in_reach (only with gaps), rank (1 for the most members in
    reach, equals share the best rank of theirs), tied_with (how many others share it). A table of
    your kind, by rank and then in your order."""
    set_aside: Columns
    """row (from 0), code, field, seen, advice; nothing is seen of identifiers."""
    rows_in: int
    not_suggested: int
    """Rows of prescribers without room that is known, or not yet eligible."""
    limit: Reach | None
    """What counts as in reach; None for the prescriber's own area."""
    cautions: tuple[str, ...]
    editions: tuple[EditionUsed, ...]
    """The edition of the limit, if it is one's."""


def outreach(
    prescribers: Frame,
    gaps: object = None,
    travel_minutes: object = None,
    limit: Reach | ReachStandard | None = None,
    *,
    travel_miles: object = None,
    target_patients: float | None = None,
    missing: Missing = "error",
    columns: Mapping[str, str] | None = None,
) -> Outreach:
    """List prescribers suggested for outreach, those with the most unmet members in reach first.

    Parameters
    ----------
    prescribers : frame, mapping of columns, or list of records
        One row a prescriber and area: prescriber_id, area, stage (one of the stages of the chain,
        from ``"recruited"`` to ``"open_to_plan"``), and optional patients (whole number of those
        treated now) and target_patients (of this prescriber, instead of the argument).
    gaps : array, mapping or table, optional
        Members without treatment by area: a mapping of area to members, or a table with columns
        area and members; or numbers, whose areas are counted from 0. Without them all tie.
    travel_minutes : array of float, shape (areas, areas), or table, optional
        Travel time from each area of members (rows) to each area of prescribers (columns), both in
        the order of the gaps, minutes; or a table of pairs with columns area, site (the area of
        prescribers), and minutes or miles or both. Without travel a prescriber reaches the members
        of the own area.
    limit : Reach or ReachStandard, optional
        What counts as in reach; needed with travel, and only then.
    travel_miles : array of float, shape (areas, areas), optional
        Distance, miles.
    target_patients : float, optional
        Patients below which a prescriber who prescribes has room, 0 to 1,000,000. No default: a
        legal limit is no target.
    missing : {"error", "unreachable"}, optional
        Whether an absent pair of travel is an error or means that there is no way.
    columns : mapping of str to str, optional
        Our column name to yours.

    Returns
    -------
    Outreach
        Suggestions with members and patients as counts, and the rows set aside with a reason.

    Raises
    ------
    ArgumentError, ArgumentTypeError, ColumnError
        If an argument has the wrong shape or kind, or a column is missing or cannot be read at
        all.

    Notes
    -----
    Suggested are those who are eligible and inactive (registered or ever_prescribed), and those
    who prescribe and have room: floor(target - patients) of 1 or more. Unmet members in reach are
    the sum of the gaps of all areas in reach; several prescribers reach the same members, so they
    are not to be added up. Whether somebody who is not prescribing wants to, or why not, is not
    known from such data: it is what the outreach asks.

    Examples
    --------
    >>> from opsafe.workforce.outreach import outreach
    >>> found = outreach(
    ...     {
    ...         "prescriber_id": ["P1", "P2", "P3"],
    ...         "area": ["north", "south", "south"],
    ...         "stage": ["open", "registered", "open"],
    ...         "patients": [20, 0, 45],
    ...     },
    ...     gaps={"north": 80, "south": 120},
    ...     target_patients=42.9,
    ... )
    >>> found.suggested["prescriber_id"].tolist(), found.suggested["why"].tolist()
    (['P2', 'P1'], ['eligible and inactive', 'has room for 22'])
    """
    own_target = None
    if target_patients is not None:
        own_target = read_number(target_patients, "target_patients", 0, _MOST)
    members = _Members.read(gaps, travel_minutes, travel_miles, limit, missing)
    table = open_table(
        prescribers, where="prescribers", required=_REQUIRED, optional=_OPTIONAL, columns=columns
    )
    rows = _Rows.read(table, members, own_target)
    return _listed(table, rows, members)


# ------------------------------------------------------------------------------ unmet members


@dataclass(frozen=True, slots=True)
class _Members:
    """Unmet members in reach of a prescriber by area; None where no gaps were given."""

    in_reach: dict[Name, float] | None
    limit: Reach | None = None
    cautions: tuple[str, ...] = ()
    editions: tuple[EditionUsed, ...] = ()

    @classmethod
    def read(
        cls, gaps: object, minutes: object, miles: object, limit: object, missing: object
    ) -> _Members:
        absent: Missing = read_choice(missing, Missing, "missing")
        has_travel = minutes is not None or miles is not None
        if has_travel and limit is None:
            raise ArgumentError("is needed with travel", where="limit")
        if not has_travel and limit is not None:
            raise ArgumentError("needs travel, and none is given", where="limit")
        if gaps is None:
            if has_travel:
                raise ArgumentError("are needed with travel", where="gaps")
            told = "no gaps were given, so that members in reach are not known and all ranks tie"
            return cls(None, cautions=(told,))
        names, amounts = read_amounts(gaps, "gaps", place="area", amount="members")
        areas: tuple[Name, ...] = tuple(range(len(amounts))) if names is None else names
        if not has_travel:
            return cls(dict(zip(areas, amounts.tolist(), strict=True)))
        reach, editions = read_limit(limit)
        travel = _travel(minutes, miles, areas, absent)
        near, cautions = inside(reach, travel)
        in_reach = dict(zip(travel.sites, (near.T @ amounts).tolist(), strict=True))
        return cls(in_reach, reach, cautions, editions)


def _travel(minutes: object, miles: object, areas: tuple[Name, ...], missing: Missing) -> Travel:
    """Travel to the areas of a table of pairs, or to those of the gaps."""
    in_pairs = minutes is not None and is_table(minutes)
    sites = None if in_pairs else areas
    return read_travel(minutes, miles, areas=areas, sites=sites, missing=missing)


# -------------------------------------------------------------------------------- prescribers


@dataclass(frozen=True, slots=True)
class _Rows:
    """Every row of the caller's table, judged; -1 where there is no value."""

    reason: IntArray
    """0, or one more than the position of its reason."""
    stage: IntArray
    room: IntArray
    """Whole patients that fit below the target; 0 where none do or it is not known."""
    area: IntArray
    areas: tuple[Name, ...]

    @classmethod
    def read(cls, table: Table, members: _Members, own_target: float | None) -> _Rows:
        where = {name: f"prescribers[{theirs!r}]" for name, theirs in table.names.items()}
        who = read_codes(table.column("prescriber_id"), where["prescriber_id"]).codes
        area = read_codes(table.column("area"), where["area"])
        stage, stage_is_missing = _stages(table)
        patients, has_patients, patients_wrong = _numbers(table, "patients", 0)
        target, has_target, target_wrong = _numbers(table, "target_patients", _DECIMALS)
        if own_target is not None:
            target, has_target = np.where(has_target, target, own_target), np.full(len(table), True)
        known = [members.in_reach is None or name in members.in_reach for name in area.values]
        is_known = np.array([*known, False], bool)[area.codes]
        is_active = np.isin(stage, [STAGES.index(each) for each in _ACTIVE])
        reason = np.zeros(len(table), np.int64)
        for why, is_so in (
            (OutreachReason.PRESCRIBER_MISSING, who < 0),
            (OutreachReason.AREA_MISSING, area.codes < 0),
            (OutreachReason.AREA_UNKNOWN, ~is_known),
            (OutreachReason.STAGE_MISSING, stage_is_missing),
            (OutreachReason.STAGE_UNKNOWN, stage < 0),
            (OutreachReason.PATIENTS_UNUSABLE, patients_wrong),
            (OutreachReason.TARGET_UNUSABLE, target_wrong),
            (OutreachReason.STAGE_CONTRADICTED, has_patients & (patients > 0) & ~is_active),
        ):
            reason[is_so & (reason == 0)] = _REASONS.index(why) + 1
        usable = np.flatnonzero(reason == 0)
        again = usable[_repeated(who[usable], area.codes[usable])]
        reason[again] = _REASONS.index(OutreachReason.REPEATED) + 1
        is_told = is_active & has_patients & has_target & (reason == 0)
        room = np.where(is_told, np.floor(target - patients + 10.0**-_DECIMALS / 2), 0)
        return cls(reason, stage, np.maximum(room, 0).astype(np.int64), area.codes, area.values)

    @property
    def suggested(self) -> BoolArray:
        """Whether a row is suggested for outreach."""
        is_inactive = np.isin(self.stage, [STAGES.index(each) for each in _INACTIVE])
        found: BoolArray = (self.reason == 0) & (is_inactive | (self.room > 0))
        return found


def _stages(table: Table) -> tuple[IntArray, BoolArray]:
    """Positions of the stages, -1 where there is none; and where nothing is written."""
    words = read_text(table.column("stage"))
    folded = [word.strip().lower() for word in words.words]
    places: dict[str, int] = {name: at for at, name in enumerate(STAGES)}
    stage = np.array([*(places.get(word, -1) for word in folded), -1], np.int64)[words.codes]
    is_blank = np.array([*(not word for word in folded), True], bool)[words.codes]
    return stage, is_blank


def _numbers(table: Table, name: str, decimals: int) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Numbers from 0 on, whether they are there, and whether what is there is none."""
    if name not in table:
        none = np.full(len(table), False)
        return np.zeros(len(table)), none, none
    where = f"prescribers[{table.names[name]!r}]"
    counts, states = read_numbers(table.column(name), decimals, where)
    values = counts / 10.0**decimals
    is_missing = states == GridState.MISSING
    is_good = (states == GridState.ON_GRID) & (values >= 0) & (values <= _MOST)
    return np.where(is_good, values, 0.0), is_good, ~is_good & ~is_missing


def _repeated(who: IntArray, area: IntArray) -> BoolArray:
    """Whether an earlier row has the same prescriber and area."""
    pairs = who * (int(area.max(initial=0)) + 2) + area
    first = np.unique(pairs, return_index=True)[1]
    found = np.full(len(pairs), True)
    found[first] = False
    return found


# ------------------------------------------------------------------------------------ the list


def _listed(table: Table, rows: _Rows, members: _Members) -> Outreach:
    at = np.flatnonzero(rows.suggested)
    unmet = np.zeros(len(at))
    if members.in_reach is not None:
        by_area = np.array([members.in_reach.get(name, 0.0) for name in rows.areas] or [0.0])
        unmet = np.round(by_area[rows.area[at]], _DECIMALS)
    rank, tied = _ranked(unmet)
    order = np.argsort(rank, kind="stable")
    at, room = at[order], rows.room[at[order]]
    columns: dict[str, Column] = {
        "stage": Text(rows.stage[at], STAGES),
        "why": _why(room),
        "room_patients": Nullable(room, room > 0),
    }
    if members.in_reach is not None:
        columns["unmet_members_in_reach"] = unmet[order]
    columns |= {"rank": rank[order], "tied_with": tied[order]}
    return Outreach(
        suggested=table.build(Columns(columns), {"prescriber_id": at, "area": at}),
        set_aside=_set_aside(table, rows.reason),
        rows_in=len(table),
        not_suggested=int(((rows.reason == 0) & ~rows.suggested).sum()),
        limit=members.limit,
        cautions=members.cautions,
        editions=members.editions,
    )


def _ranked(unmet: FloatArray) -> tuple[IntArray, IntArray]:
    """Competition ranks, the most members first, and how many others share each."""
    distinct, inverse, counts = np.unique(-unmet, return_inverse=True, return_counts=True)
    before = np.concatenate([[0], np.cumsum(counts)])[: len(distinct)]
    return before[inverse] + 1, counts[inverse] - 1


def _why(room: IntArray) -> Text:
    distinct, codes = np.unique(room, return_inverse=True)
    words = tuple(
        f"has room for {each}" if each else "eligible and inactive" for each in distinct.tolist()
    )
    return Text(codes, words)


def _set_aside(table: Table, reason: IntArray) -> Columns:
    rows = np.flatnonzero(reason)
    which = reason[rows] - 1
    field = np.array([each.field for each in _REASONS], object)[which]
    seen = np.full(len(rows), None, object)
    for name in dict.fromkeys(field.tolist()):
        if name != "prescriber_id":  # what stands in a column of identifiers stays with the caller
            of_field = np.flatnonzero(field == name)
            seen[of_field] = table.texts(name, rows[of_field], _LONGEST_SEEN)
    return Columns(
        {
            "row": rows,
            "code": Text(which, tuple(each.value for each in _REASONS)),
            "field": field,
            "seen": seen,
            "advice": Text(which, tuple(each.advice for each in _REASONS)),
        }
    )
