"""What a plan's own claims say: panels, prescribers, starts, retention, and the rows set aside."""

# More than 300 lines: the parts of one answer, and how it turns into inputs of a scenario.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, Literal, TypeAlias

import numpy as np

from opsafe._arguments import read_number
from opsafe._codes import AdvisedCode
from opsafe.columns import Columns
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.provenance import Document
from opsafe.survival import Retention
from opsafe.workforce.scenario import OwnPanel

__all__ = [
    "DAYS_PER_MONTH",
    "EpisodesFound",
    "FillReason",
    "Observed",
    "ObservedProvenance",
    "PanelDistribution",
    "RetentionPoints",
    "RowsOfFills",
    "StreamOfStarts",
]

DAYS_PER_MONTH: Final = 365.25 / 12
"""Mean length of a month, in days."""

StreamOfStarts: TypeAlias = Literal["all", "first", "return"]
"""All starts; those of members seen for the first time; those of members seen before."""

STREAMS: Final[tuple[StreamOfStarts, ...]] = ("all", "first", "return")


class FillReason(AdvisedCode):
    """Why a fill was set aside; ``advice`` says what to do."""

    MEMBER_MISSING = "MEMBER_MISSING", "Give the row a member id; without one it has no owner"
    DATE_MISSING = "DATE_MISSING", "Give the fill date"
    DATE_UNREADABLE = "DATE_UNREADABLE", "Write the fill date as YYYY-MM-DD or YYYYMMDD"
    DATE_OUT_OF_RANGE = "DATE_OUT_OF_RANGE", "Correct the fill date: it must lie in 1900 to 2199"
    DAYS_SUPPLY_MISSING = "DAYS_SUPPLY_MISSING", "Give the days supply"
    DAYS_SUPPLY_UNREADABLE = "DAYS_SUPPLY_UNREADABLE", "Write the days supply as a number"
    DAYS_SUPPLY_NOT_WHOLE = "DAYS_SUPPLY_NOT_WHOLE", "Give whole days"
    DAYS_SUPPLY_TOO_LONG = "DAYS_SUPPLY_TOO_LONG", "Correct the days supply: at most 366 days"
    DAYS_SUPPLY_NOT_POSITIVE = "DAYS_SUPPLY_NOT_POSITIVE", "Give at least 1 day"
    MEDICATION_MISSING = (
        "MEDICATION_MISSING",
        "Name the medication: each is a stream of its own; or leave the column out",
    )
    BEFORE_START = "BEFORE_START", "Nothing, or an earlier start="
    AFTER_END = "AFTER_END", "Nothing, or a later end="

    @property
    def field(self) -> str:
        """The column that a person would look at."""
        if self.value.startswith("DAYS_SUPPLY"):
            return "days_supply"
        whose = {"MEMBER_MISSING": "member_id", "MEDICATION_MISSING": "medication"}
        return whose.get(self.value, "fill_date")


class RowsOfFills(Document):
    """What became of every row that came in: used or set aside."""

    rows_in: int
    used: int
    set_aside: int
    without_prescriber: int
    """Of those used: fills that count for members, but for no panel and no prescriber."""
    same_day: int
    """Of those used: fills that another one of the same member, medication and day stands for."""


class EpisodesFound(Document):
    """Episodes by how they begin, and by how they end."""

    episodes: int
    starts: int
    """Of members seen for the first time, after a washout without supply."""
    returns: int
    """Of members seen before, after a pause of at least the washout."""
    resumed: int
    """Of members seen before, after a pause above the gap but below the washout."""
    prevalent: int
    """Begun before the washout could be seen: never in Kaplan-Meier."""
    stopped: int
    censored: int
    not_followed: int
    """Starts and returns so late that no day of theirs could be followed."""


class ObservedProvenance(Document):
    """How an observation came about, and what to mind when reading it."""

    schema_version: Literal[1] = 1
    opsafe_version: str
    start: date
    end: date
    arguments: dict[str, str]
    planning_values: tuple[str, ...]
    """The arguments that stand at a value of ours which no source prints."""
    months_left_out: tuple[str, ...]
    """Months that the window holds only in part, as YYYY-MM."""
    set_aside_by_reason: dict[str, int]
    cautions: tuple[str, ...]
    reproducible: bool = True


@dataclass(frozen=True, slots=True)
class PanelDistribution:
    """How many of the plan's members a prescriber has, in the last whole month.

    Only prescribers with at least one covered member count. These are the plan's members, not the
    prescriber's whole panel, which is of all payers.
    """

    medication: str | None
    month: date
    prescribers: int
    mean: float
    standard_deviation: float | None
    """With n - 1; None of a single prescriber."""
    quantiles: tuple[tuple[float, float], ...]
    """Share of prescribers, and the members that this share does not exceed."""
    share_up_to_3: float
    share_4_to_30: float
    share_31_to_75: float
    share_above_75: float

    @property
    def standard_error(self) -> float | None:
        """Standard error of the mean: that of a mean of independent panels."""
        if self.standard_deviation is None:
            return None
        return float(self.standard_deviation / self.prescribers**0.5)

    def panel(self) -> OwnPanel:
        """Return it as the panel of a scenario, whose plan share is then 1.

        Returns
        -------
        OwnPanel
            Mean and standard deviation in patients, and the prescribers behind them.
        """
        return OwnPanel(
            mean_patients=self.mean,
            sd_patients=self.standard_deviation or None,
            respondents=self.prescribers if self.prescribers > 1 else None,
        )


@dataclass(frozen=True, slots=True)
class RetentionPoints:
    """Shares still in treatment some months after a start, with the rule that defines a stop."""

    points: tuple[tuple[float, float], ...]
    """Months since the start, and the share still in treatment."""
    standard_errors: tuple[float, ...]
    """Greenwood's, one for each point."""
    gap_days: int
    """A stop is more than this many days without supply."""
    medication: str | None
    stream: StreamOfStarts
    starts: int
    """Starts that were followed."""
    months_left_out: tuple[float, ...]
    """Months up to which nobody could be followed."""

    def curve(self) -> Retention:
        """Return them as a retention curve, to stand in a scenario in place of an edition's.

        Returns
        -------
        Retention
            The points in months with their gap rule in days.

        Raises
        ------
        DocumentError
            If there are fewer than two points, one is 0 or 1, or the last two do not fall.
        """
        return Retention(gap_days=self.gap_days, points=self.points)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Observed:
    """What :func:`~opsafe.workforce.observe` found. Small cells are the caller's concern.

    Tables are :class:`~opsafe.columns.Columns`; months are whole months, by their first day.
    """

    by_month: Columns
    """One row a month and medication: prescribers, members on treatment, starts, stops."""
    by_group: Columns
    """Members by month, medication, line_of_business and area; only rows with something in them."""
    panels: Columns
    """One row a prescriber (as the caller wrote it) and medication."""
    panel_distributions: tuple[PanelDistribution, ...]
    """One for each medication that somebody had on hand in the last whole month."""
    retention: Columns
    """Kaplan-Meier by medication and stream: one row for each day with a stop or a censoring."""
    set_aside: Columns
    """Rows that could not be used: row, code, field, seen, advice."""
    counts: RowsOfFills
    episodes: EpisodesFound
    medications: tuple[str | None, ...]
    """Those told apart, in lower case; None alone where there was no such column."""
    provenance: ObservedProvenance

    def __repr__(self) -> str:
        told, gap = self.provenance, self.provenance.arguments["gap_days"]
        return (
            f"Observed({self.counts.used:,} of {self.counts.rows_in:,} fills, {told.start} to "
            f"{told.end}, a stop is a gap over {gap} days: {self.episodes.starts:,} starts, "
            f"{self.episodes.returns:,} returns, {len(self.panels):,} panels)"
        )

    def retention_points(
        self,
        months: Sequence[float] = (1, 3, 6, 12),
        *,
        medication: str | None = None,
        stream: StreamOfStarts = "all",
    ) -> RetentionPoints:
        """Read the shares still in treatment, to stand in place of a retention curve.

        Parameters
        ----------
        months : sequence of float, optional
            Months since the start, rising; a month is 365.25 / 12 days.
        medication : str, optional
            Which one, where there are several.
        stream : {"all", "first", "return"}, optional
            Whose starts. ``"all"`` contains returners; add no second stream of them to it.

        Returns
        -------
        RetentionPoints
            Pairs of months and share, with the gap rule in days. Months up to which nobody was
            followed are named and left out.

        Raises
        ------
        ArgumentError, ArgumentTypeError
            If a month is not positive or does not rise, if a name is not known, or if nobody was
            followed up to any of the months.
        """
        asked = _read_months(months)
        chosen = self._choose(medication)
        if str(stream) not in STREAMS:
            raise ArgumentError("is no stream of starts", where="stream", allowed=STREAMS)
        table = self.retention
        of_stream = (table["stream"] == stream) & (table["medication"] == chosen)
        days, at_risk = table["days"][of_stream], table["at_risk"][of_stream]
        share = np.append(1.0, table["share"][of_stream])
        error = np.append(0.0, table["standard_error"][of_stream])
        last_day = int(days[-1]) if len(days) else 0
        within = [month for month in asked if month * DAYS_PER_MONTH <= last_day]
        if not within:
            raise ArgumentError(
                f"nobody was followed for {asked[0]:g} months",
                where="months",
                advice="Observe longer, or ask for earlier months",
            )
        passed = np.searchsorted(days, np.array(within) * DAYS_PER_MONTH, side="right")
        return RetentionPoints(
            points=tuple(zip(within, share[passed].tolist(), strict=True)),
            standard_errors=tuple(error[passed].tolist()),
            gap_days=int(self.provenance.arguments["gap_days"]),
            medication=chosen,
            stream=stream,
            starts=int(at_risk[0]),
            months_left_out=tuple(month for month in asked if month not in within),
        )

    def starts_per_month(self, *, medication: str | None = None) -> float:
        """Mean starts a month, returns among them, over the months whose starts are all seen.

        Parameters
        ----------
        medication : str, optional
            Which one, where there are several.

        Returns
        -------
        float
            Starts and returns a month: the stream that ``retention_points()`` belongs to.

        Raises
        ------
        ArgumentError
            If the medication is not known, or no whole month lies after the washout.
        """
        table = self.by_month
        chosen = (table["medication"] == self._choose(medication)) & table["starts_are_complete"]
        if not chosen.any():
            raise ArgumentError(
                "hold no whole month after the washout",
                where="fills",
                advice="Observe longer, or with a shorter washout_days=",
            )
        return float((table["starts"] + table["returns"])[chosen].mean())

    def _choose(self, medication: str | None) -> str | None:
        known = self.medications
        if medication is None:
            if len(known) > 1:
                raise ArgumentError(
                    "there are several: name one", where="medication", allowed=known[:20]
                )
            return known[0]
        if not isinstance(medication, str):
            raise ArgumentTypeError(
                f"{type(medication).__name__} is no name of a medication", where="medication"
            )
        if (folded := fold(medication)) not in known:
            raise ArgumentError("is not among the fills", where="medication", allowed=known[:20])
        return folded


def fold(name: str) -> str:
    """Fold case and spaces: the name of a stream."""
    return " ".join(name.split()).casefold()


def _read_months(months: object) -> list[float]:
    if not isinstance(months, tuple | list | np.ndarray):
        raise ArgumentTypeError("is no list of numbers of months", where="months")
    asked = [read_number(month, "months", 0, 1200, above=True) for month in months]
    if not asked:
        raise ArgumentError("is empty", where="months")
    if any(later <= sooner for sooner, later in pairwise(asked)):
        raise ArgumentError("must rise", where="months")
    return asked
