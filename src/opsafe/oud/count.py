"""The answer of score: how many criteria, which band, which codes, and what would settle it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from opsafe.oud import _telling
from opsafe.oud._counted import Counted
from opsafe.oud.record import CountProvenance, record

__all__ = ["CriteriaCount"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CriteriaCount(Counted):
    """Criteria of opioid use disorder as a person's answers meet them, with bounds.

    A count is no diagnosis: that is the clinician's. A count is no claim code
    (:class:`CodedOud`) and no treatment (:class:`TreatedOud`) either, and does not compare with
    them.
    """

    @property
    def sentence(self) -> str:
        """The count in a sentence for a person."""
        return _telling.count_sentence(self)

    @property
    def provenance(self) -> CountProvenance:
        """How the count came about: version, editions with hashes, arguments."""
        return record((self.asked.criteria, self.asked.codes), **self.asked.arguments())

    def as_record(self) -> dict[str, Any]:
        """Return the count as plain values, as :meth:`to_json` writes them."""
        return _telling.count_record(self)

    def to_json(self) -> str:
        """Return the count, its sentence and its provenance as JSON text.

        Returns
        -------
        str
            JSON; answers are true, false or null.
        """
        provenance = json.loads(self.provenance.to_json())
        return json.dumps({**self.as_record(), "provenance": provenance}, indent=2)

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        return f"CriteriaCount({self.sentence})"

    def _repr_html_(self) -> str:
        return _telling.count_html(self)
