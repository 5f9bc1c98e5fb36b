"""The answer of score_history: remission on its own clock, the lookback, the code of both."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from opsafe.oud import _history_telling
from opsafe.oud._concluded import Concluded
from opsafe.oud.editions import codes
from opsafe.oud.record import CountProvenance, record

__all__ = ["CriteriaHistory"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CriteriaHistory(Concluded):
    """Criteria of opioid use disorder over time: the lookback, remission, and the code of both.

    The two clocks may disagree: a person can be in early remission while the 12 months before
    still hold six criteria. Then remission decides the code.
    """

    @property
    def sentence(self) -> str:
        """The state in a sentence for a person."""
        return _history_telling.sentence(self)

    def provenance(self) -> CountProvenance:
        """Return how the state came about: version, editions with hashes, arguments."""
        return record((self.lookback.criteria_edition, codes()), **dict(self.arguments))

    def to_json(self) -> str:
        """Return the state, the count of the lookback and the provenance as JSON text.

        Returns
        -------
        str
            JSON; dates as YYYY-MM-DD.
        """
        told: dict[str, Any] = _history_telling.as_record(self)
        told["provenance"] = json.loads(self.provenance().to_json())
        return json.dumps(told, indent=2)

    def __repr__(self) -> str:
        return f"CriteriaHistory({self.sentence})"

    def _repr_html_(self) -> str:
        return _history_telling.as_html(self)
