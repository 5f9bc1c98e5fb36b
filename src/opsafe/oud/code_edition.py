"""The edition of ICD-10-CM codes: which exist since when, and what each can mean."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import cached_property
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationInfo, field_validator

from opsafe.oud.criteria import Label
from opsafe.oud.states import ComorbidState, Severity
from opsafe.provenance import Edition

__all__ = ["ClaimCode", "CodeEdition"]

Code: TypeAlias = Annotated[str, StringConstraints(pattern=r"^F11(\.\d{1,3})?$")]


class ClaimCode(BaseModel):
    """One code: its days, and what it says.

    Parameters
    ----------
    code : str
        With its point, such as F11.20.
    label : str
        Our own words, at most six.
    billable : bool
        False for a header, which is valid but not specific enough for a claim.
    valid_from, valid_to : datetime.date
        First and last day; no last day while it is in use.
    before : str, optional
        The code that was given for the same before its first day.
    severities : tuple of str
        Bands that it stands for; none of a header, which means what the codes below it mean.
    remission : bool
        Whether it says that the disorder is in remission.
    comorbid : tuple of str
        States beside the disorder that it stands for.
    assigned : bool
        Whether the manual gives it for them; otherwise it only turns up in claims.
    note : str
        What else a reader must know.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    code: Code
    label: Label
    billable: bool = True
    valid_from: date
    valid_to: date | None = None
    before: Code | None = None
    severities: tuple[str, ...] = ()
    remission: bool = False
    comorbid: tuple[str, ...] = ()
    assigned: bool = True
    note: str = ""

    @field_validator("severities")
    @classmethod
    def _known_bands(cls, words: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if unknown := set(words) - {each.word for each in Severity}:
            raise ValueError(f"names no band: {', '.join(sorted(unknown))}")
        if bool(words) != info.data.get("billable", True):
            raise ValueError("are named of a code for claims, and of no header")
        return words

    @field_validator("comorbid")
    @classmethod
    def _known_states(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(words) - {each.value for each in ComorbidState}:
            raise ValueError(f"names no state: {', '.join(sorted(unknown))}")
        return words

    def holds_on(self, day: date) -> bool:
        """Whether the code was in use on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class CodeEdition(Edition):
    """ICD-10-CM codes of opioid related disorders.

    Parameters
    ----------
    codes : tuple of ClaimCode
        Every code and header, in order.
    """

    codes: tuple[ClaimCode, ...]

    @field_validator("codes")
    @classmethod
    def _each_once(cls, codes: tuple[ClaimCode, ...]) -> tuple[ClaimCode, ...]:
        names = [each.code for each in codes]
        if names != sorted(set(names)):
            raise ValueError("must be in order, each once")
        if unknown := {each.before for each in codes} - {*names, None}:
            raise ValueError(f"were before codes that are not listed: {sorted(map(str, unknown))}")
        return codes

    @cached_property
    def first_day(self) -> date:
        """The first day of its oldest code."""
        return min(each.valid_from for each in self.codes)

    @cached_property
    def by_code(self) -> dict[str, ClaimCode]:
        """Each code by its name."""
        return {each.code: each for each in self.codes}

    @cached_property
    def assigned(self) -> dict[tuple[Severity, bool, ComorbidState | None], ClaimCode]:
        """The code that the manual gives for a band, in remission or not, and a state beside it."""
        return {
            (Severity[word.upper()], each.remission, state): each
            for each in self.codes
            if each.assigned
            for word in each.severities
            for state in (tuple(map(ComorbidState, each.comorbid)) or (None,))
        }

    def possible(
        self,
        severities: tuple[Severity, ...],
        remission: bool,
        comorbid: tuple[ComorbidState, ...],
        on: date | None,
    ) -> tuple[tuple[str, ...], ...]:
        """Return the distinct answers that these bands leave open; an empty one is "no code".

        An answer has one code, or one for each of several comorbid states.
        """
        period = None if on is None else bisect_right(self._first_days, on)
        asked = (severities, remission, comorbid, period)
        found = self._answers.get(asked)
        if found is None:
            answers = [
                tuple(
                    dict.fromkeys(
                        code
                        for state in comorbid or (None,)
                        if (code := self.code_of(severity, remission, state, on))
                    )
                )
                for severity in severities
            ]
            found = self._answers[asked] = tuple(dict.fromkeys(answers))
        return found

    @cached_property
    def _first_days(self) -> list[date]:
        """The days on which codes begin: between two of them nothing changes."""
        return sorted({each.valid_from for each in self.codes})

    @cached_property
    def _answers(self) -> dict[tuple[object, ...], tuple[tuple[str, ...], ...]]:
        """Answers that were given already: there are few, and batches ask them again and again."""
        return {}

    def code_of(
        self,
        severity: Severity,
        remission: bool,
        comorbid: ComorbidState | None,
        on: date | None,
    ) -> str | None:
        """Return the code of one state on a day, None where there is none."""
        if comorbid is None and severity is Severity.NONE:
            return None
        # A code of a comorbid state stands alone, in remission too.
        found = self.assigned[severity, remission and comorbid is None, comorbid]
        while on is not None and on < found.valid_from and found.before is not None:
            found = self.by_code[found.before]
        return found.code
