"""What a claim says of opioid use disorder: a code, or a treatment. Neither is a diagnosis."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from opsafe._readings import read_date
from opsafe.errors import ArgumentError
from opsafe.oud._evidence import Evidence
from opsafe.oud.states import ComorbidState, Remission, Severity

__all__ = ["CodedOud", "CodedState", "Medication", "TreatedOud"]

Medication = Literal["buprenorphine", "methadone", "naltrexone"]

_CAUTION: Final = (
    "criteria may not be met, for instance in physiological dependence under supervision;"
    " a claim code is not a count of criteria: of 520 charts with such a code 57.7% had a high"
    " likelihood of opioid use disorder"
)


@dataclass(frozen=True, slots=True)
class CodedState:
    """One state that a code can stand for."""

    severity: Severity
    """The band; in remission the band before it; NONE where criteria were not met."""
    remission: Remission = Remission.NONE
    comorbid: ComorbidState | None = None

    def __str__(self) -> str:
        word = "criteria not met" if self.severity is Severity.NONE else self.severity.word
        parts = ["coded", word] if self.severity is Severity.NONE else [word]
        if self.remission:
            parts.append(f"in {self.remission.word} remission")
        if self.comorbid:
            parts.append(self.comorbid.value.replace("_", " "))
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, eq=False)
class CodedOud(Evidence):
    """Opioid use disorder as a claim codes it: the set of states that the code can mean.

    Severity and the kind of remission cannot be recovered from a claim, and a code is no
    diagnosis: of 520 Veterans' charts with a code of opioid use, dependence or abuse 57.7% had a
    high likelihood of the disorder, 16.5% limited aberrant use, 18.9% prescribed use without any,
    and 6.9% not enough information [1]_. Codes were 59% sensitive and 93% specific against expert
    review of 166 charts [2]_, and 10% sensitive and 99% specific in 169 charts [3]_.

    References
    ----------
    .. [1] Identifying individuals with opioid use disorder: validity of International
       Classification of Diseases diagnostic codes for opioid use, dependence and abuse.
       https://discovery.researcher.life/article/a4574708467630c985d7dcf2b848f675
    .. [2] https://injuryprevention.bmj.com/content/27/Suppl_3/A31.3
    .. [3] http://medrxiv.org/content/early/2021/09/26/2021.09.23.21264021.abstract
    """

    code: str
    on: date
    label: str
    is_billable: bool
    """False for a header: valid, but not specific enough for a claim."""
    states: frozenset[CodedState]
    edition: str

    @property
    def severities(self) -> frozenset[Severity]:
        """Every band that the code can stand for."""
        return frozenset(state.severity for state in self.states)

    @property
    def remissions(self) -> frozenset[Remission]:
        """Every remission that the code can stand for."""
        return frozenset(state.remission for state in self.states)

    @property
    def sentence(self) -> str:
        """What the code can mean, in a sentence for a person."""
        words = dict.fromkeys(map(str, sorted(self.states, key=_order)))
        return f"{self.code} on {self.on}: {' or '.join(words)}; {_CAUTION}"

    def __iter__(self) -> Iterator[CodedState]:
        return iter(sorted(self.states, key=_order))

    def __contains__(self, state: object) -> bool:
        return state in self.states

    def __len__(self) -> int:
        return len(self.states)

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.sentence)}</p>"


@dataclass(frozen=True, slots=True, eq=False, init=False)
class TreatedOud(Evidence):
    """Opioid use disorder as a treatment suggests it: a medication and its days.

    Treatment is neither a code nor a count of criteria: naltrexone also treats alcohol use
    disorder, and methadone and buprenorphine also treat pain.

    Parameters
    ----------
    medication : {"buprenorphine", "methadone", "naltrexone"}
        What was given.
    first_day, last_day : date or str
        Both included.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If the medication is not one of the three or the days are none.

    Examples
    --------
    >>> from opsafe import oud
    >>> oud.TreatedOud("buprenorphine", "2026-01-05", "2026-04-30").days
    116
    """

    medication: Medication
    first_day: date
    last_day: date

    def __init__(self, medication: Medication, first_day: date | str, last_day: date | str) -> None:
        if medication not in get_args(Medication):
            raise ArgumentError(
                "is no medication for opioid use disorder",
                where="medication",
                value=medication,
                allowed=get_args(Medication),
            )
        first, last = read_date(first_day, "first_day"), read_date(last_day, "last_day")
        if last < first:
            raise ArgumentError("lies before first_day", where="last_day")
        for name, value in zip(TreatedOud.__slots__, (medication, first, last), strict=True):
            object.__setattr__(self, name, value)

    @property
    def days(self) -> int:
        """Days from the first to the last, both included."""
        return (self.last_day - self.first_day).days + 1


def _order(state: CodedState) -> tuple[int, int, str]:
    return -int(state.severity), int(state.remission), state.comorbid or ""
