"""What is known of a person's past: dated answers, and what was said beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from opsafe.errors import ArgumentError
from opsafe.oud._asked import Asked
from opsafe.oud._calendar import months_before
from opsafe.oud._clock import Clock, read_clock
from opsafe.oud._counting import count_answers
from opsafe.oud._outcomes import band
from opsafe.oud._window import Window, motives, sure_date
from opsafe.oud.answers import Given
from opsafe.oud.bounds import Bounds
from opsafe.oud.count import CriteriaCount
from opsafe.oud.states import Severity

__all__ = ["Past", "Seen"]


@dataclass(frozen=True, slots=True)
class Past:
    """The input of a history, as it was read."""

    given: tuple[Given, ...]
    asked: Asked
    full_criteria_before: bool | None
    prior_severity: Bounds[Severity] | None
    last_criterion: date | None
    due_to_agonist: bool | None

    def seen(self) -> Seen:
        """See it from the day of the assessment.

        Raises
        ------
        ArgumentError
            If two of the things that are known contradict each other.
        """
        window = Window.of(self.given, self.asked, undated_counts=False)
        clock = read_clock(
            self.given,
            window,
            self.asked,
            due_to_agonist=self.due_to_agonist,
            last_criterion=self.last_criterion,
        )
        window = replace(window, met=self._not_after(window))
        lookback = count_answers(window, self.asked, motives(self.given))
        at_onset = self._at_onset(clock)
        shown = max(lookback.severity.lower, at_onset)
        self._check_prior(clock, at_onset)
        return Seen(lookback, clock, at_onset, self._met_before(clock, shown))

    def _not_after(self, window: Window) -> list[bool | None]:
        """What a stated last day says of criteria without a date: they lie no later."""
        criteria, stated, as_of = self.asked.criteria, self.last_criterion, self.asked.as_of
        assert as_of is not None
        if stated is None or stated > months_before(as_of, criteria.window_months):
            return window.met
        return [
            False
            if met is None and one.counts_for_remission and one.counts_under_supervision
            else met
            for met, one in zip(window.met, criteria.criteria, strict=True)
        ]

    def _at_onset(self, clock: Clock) -> Severity:
        """The least band at the last criterion, whenever that was.

        What counts is what is dated after the earliest start of the months up to that day, and not
        after its earliest end.
        """
        if clock.earliest is None or clock.latest is None:
            return Severity.NONE
        if self.asked.impairment_or_distress is not True:
            return Severity.NONE
        criteria, supervised = self.asked.criteria, self.asked.solely_supervised
        start = months_before(clock.latest, criteria.window_months)
        dates = (
            sure_date(answer, is_exempt=not one.counts_under_supervision, supervised=supervised)
            for answer, one in zip(self.given, criteria.criteria, strict=True)
        )
        counted = sum(day is not None and start < day <= clock.earliest for day in dates)
        return band(counted, criteria.thresholds)

    def _check_prior(self, clock: Clock, at_onset: Severity) -> None:
        """Refuse a band before that the dates contradict, unless criteria go on."""
        prior = self.prior_severity
        if prior is None:
            return
        if self.full_criteria_before is False:
            raise ArgumentError(
                "is given although full criteria were never met", where="prior_severity"
            )
        if prior.upper < at_onset and not clock.may_be_present:
            raise ArgumentError(
                f"is {prior.upper.word} at most, but the dates show {at_onset.word} at least",
                where="prior_severity",
            )

    def _met_before(self, clock: Clock, shown: Severity) -> bool | None:
        """Whether full criteria were met: as said, or as the dates themselves show."""
        if self.prior_severity is not None:
            return True
        if shown is Severity.NONE:
            return self.full_criteria_before
        if self.full_criteria_before is False and clock.remission(self.asked.criteria, True).upper:
            raise ArgumentError(
                f"is no, but the dates show full criteria ({shown.word} at least)",
                where="full_criteria_before",
            )
        return self.full_criteria_before is not False


@dataclass(frozen=True, slots=True)
class Seen:
    """The past as seen from the day of the assessment."""

    lookback: CriteriaCount
    clock: Clock
    at_onset: Severity
    """The least band that the dates show at the last criterion."""
    met_before: bool | None
