"""The answer of score_history: remission on its own clock, the lookback, the code of both."""

from __future__ import annotations

import json
from dataclasses import dataclass

from opsafe.oud import _history_telling
from opsafe.oud._concluded import Concluded
from opsafe.oud._telling import between
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

    @property
    def provenance(self) -> CountProvenance:
        """How the state came about: version, editions with hashes, arguments."""
        past, asked = self.past, self.past.asked
        return record(
            (asked.criteria, asked.codes),
            **asked.arguments(),
            full_criteria_before=past.full_criteria_before,
            prior_severity=past.prior_severity and between(past.prior_severity),
            last_criterion=past.last_criterion,
            due_to_prescribed_agonist=past.due_to_agonist,
            maintenance_therapy=self.maintenance_therapy,
            controlled_environment=self.controlled_environment,
        )

    def to_json(self) -> str:
        """Return the state, the count of the lookback and the provenance as JSON text.

        Returns
        -------
        str
            JSON; dates as YYYY-MM-DD.
        """
        provenance = json.loads(self.provenance.to_json())
        told = {**_history_telling.as_record(self), "provenance": provenance}
        return json.dumps(told, indent=2)

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        return f"CriteriaHistory({self.sentence})"

    def _repr_html_(self) -> str:
        return _history_telling.as_html(self)
