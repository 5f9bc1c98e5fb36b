"""Dated answers as seen from the day of an assessment: what lies in its window, and what counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from opsafe.errors import ArgumentError
from opsafe.oud._asked import Asked
from opsafe.oud._calendar import months_before
from opsafe.oud.answers import Answer, Given

__all__ = ["Window", "motives", "sure_date"]


@dataclass(frozen=True, slots=True)
class Window:
    """Answers within the months of the edition up to the assessment; its first day is outside."""

    met: list[bool | None]
    """Whether each criterion was true in the window; None where unknown."""
    exempt: int
    """Bits of the criteria that supervision exempts; not of those known to be true outside it."""

    @classmethod
    def of(cls, given: Sequence[Given], asked: Asked, *, undated_counts: bool) -> Window:
        """See answers from the day of the assessment.

        Parameters
        ----------
        given : sequence of Given
            The answers as read.
        asked : Asked
            Edition, day and supervision; without a day there are no dates among the answers.
        undated_counts : bool
            Whether a yes without a date is a yes, or unknown.

        Raises
        ------
        ArgumentError
            If a date lies after the assessment, or in the window of an answer that is no.
        """
        met: list[bool | None] = []
        exempt = asked.criteria.exempt_mask
        for position, answer in enumerate(given):
            if not isinstance(answer, Answer):
                answer = Answer(answer)  # noqa: PLW2901
            where = f"answers[{asked.criteria.ids[position]!r}]"
            inside = _inside(answer.last_true, asked, answer, where)
            outside = _inside(answer.last_true_outside_supervision, asked, answer, where)
            if outside or (outside is False and asked.solely_supervised):
                # The last time outside supervision decides; today's tolerance does not.
                exempt &= ~(1 << position)
                met.append(outside)
            elif inside is not None or outside is not None:
                met.append(bool(inside))
            else:
                met.append(None if answer.met and not undated_counts else answer.met)
        return cls(met, exempt)


def _inside(day: date | None, asked: Asked, answer: Answer, where: str) -> bool | None:
    """Whether a day lies in the window; None where it is not given."""
    if day is None or asked.as_of is None:
        return None
    if day > asked.as_of:
        raise ArgumentError(f"has a date after the assessment on {asked.as_of}", where=where)
    inside = day > months_before(asked.as_of, asked.criteria.window_months)
    if inside and answer.met is False:
        raise ArgumentError(f"is no, but was true on {day}, within the window", where=where)
    return inside


def sure_date(answer: Given, *, is_exempt: bool, supervised: bool | None) -> date | None:
    """The last day on which a criterion was true in a way that counts, where that is certain."""
    if not isinstance(answer, Answer):
        return None
    outside = answer.last_true_outside_supervision
    if not is_exempt:
        return answer.last_true
    return (answer.last_true or outside) if supervised is False else outside


def motives(given: Sequence[Given]) -> tuple[int, int] | None:
    """Bits of the answers whose only motive is pain, and of those whose motive is not known.

    None where no motive was given: then there is nothing to adjust.
    """
    known = [each.pain_is_sole_motive if isinstance(each, Answer) else None for each in given]
    if all(each is None for each in known):
        return None
    drop = sum(1 << position for position, each in enumerate(known) if each)
    return drop, sum(1 << position for position, each in enumerate(known) if each is None)
