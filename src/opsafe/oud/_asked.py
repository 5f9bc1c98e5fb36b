"""What an assessment is asked with beside its answers, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from opsafe._readings import read_date
from opsafe.oud.answers import read_tristate
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.codes import Comorbid, read_code_day, read_comorbid
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.editions import resolve, resolve_codes
from opsafe.oud.states import ComorbidState

__all__ = ["Asked"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Editions, days, and the two answers that are the clinician's."""

    criteria: CriteriaEdition
    codes: CodeEdition
    solely_supervised: bool | None
    impairment_or_distress: bool | None
    comorbid: tuple[ComorbidState, ...]
    as_of: date | None
    on: date | None
    """The day of the codes; None is the newest."""

    @classmethod
    def read(
        cls,
        *,
        edition: str | CriteriaEdition,
        codes: str | CodeEdition,
        solely_supervised: object,
        impairment_or_distress: object,
        comorbid: Comorbid,
        as_of: object,
        on: object,
    ) -> Asked:
        """Read the arguments that both doors share; the first wrong one is named."""
        code_edition = resolve_codes(codes)
        day = None if as_of is None else read_date(as_of, "as_of")
        return cls(
            resolve(edition),
            code_edition,
            read_tristate(solely_supervised, "solely_supervised"),
            read_tristate(impairment_or_distress, "impairment_or_distress"),
            read_comorbid(comorbid),
            day,
            day if on is None else read_code_day(on, code_edition),
        )

    def arguments(self) -> dict[str, object]:
        """What was asked, for the record."""
        return {
            "solely_supervised": self.solely_supervised,
            "impairment_or_distress": self.impairment_or_distress,
            "comorbid": ", ".join(self.comorbid) or None,
            "as_of": self.as_of,
            "on": self.on,
        }
