"""Dated answers as seen from the day of an assessment: what lies in its window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from opsafe.errors import ArgumentError
from opsafe.oud._calendar import months_before
from opsafe.oud.answers import Answer, Given
from opsafe.oud.criteria import CriteriaEdition

__all__ = ["Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """Answers within (as_of - 12 months, as_of]."""

    met: list[bool | None]
    """Whether each criterion was true in the window; None where unknown."""
    exempt: int
    """Bits of the criteria that sole supervision exempts; not of those dated outside it."""
    dates: list[date | None]
    """The last day on which each was true in a way that counts, where it is known."""

    @classmethod
    def of(
        cls,
        given: Sequence[Given],
        criteria: CriteriaEdition,
        as_of: date | None,
        *,
        undated_counts: bool,
    ) -> Window:
        """See answers from a day; without a day there are no dates among them.

        Parameters
        ----------
        given : sequence of Given
            The answers as read.
        criteria : CriteriaEdition
            Length of the window, and which criteria supervision exempts.
        as_of : date or None
            The day of the assessment.
        undated_counts : bool
            Whether a yes without a date is a yes, or unknown.

        Raises
        ------
        ArgumentError
            If a date lies after the assessment, or in the window of an answer that is no.
        """
        met: list[bool | None] = []
        dates: list[date | None] = []
        exempt = criteria.exempt_mask
        for position, answer in enumerate(given):
            if not isinstance(answer, Answer):
                answer = Answer(answer)  # noqa: PLW2901
            where = f"answers[{criteria.ids[position]!r}]"
            last = answer.last_true
            if answer.last_true_outside_supervision is not None:
                last = answer.last_true_outside_supervision
                exempt &= ~(1 << position)
            dates.append(last)
            if last is None or as_of is None:
                is_dateless_yes = answer.met is True and not undated_counts
                met.append(None if is_dateless_yes else answer.met)
                continue
            if max(last, answer.last_true or last) > as_of:
                raise ArgumentError(f"has a date after the assessment on {as_of}", where=where)
            inside = last > months_before(as_of, criteria.window_months)
            if inside and answer.met is False:
                raise ArgumentError(
                    f"is no, but was true on {last}, within the window", where=where
                )
            met.append(inside)
        return cls(met, exempt, dates)
