"""Opioid use disorder: criteria to count, severity, remission and code.

Missing answers give bounds, never a guess. A count of criteria informs the clinician who decides.
It is no diagnosis, no claim code and no treatment, and it never mixes with those.
"""

from __future__ import annotations

from opsafe.oud.answers import Answer
from opsafe.oud.bounds import Bounds
from opsafe.oud.claims import CodedOud, CodedState, TreatedOud
from opsafe.oud.code_edition import CodeEdition
from opsafe.oud.codes import code_for
from opsafe.oud.count import CriteriaCount
from opsafe.oud.counts import CriteriaCounts
from opsafe.oud.criteria import CriteriaEdition
from opsafe.oud.editions import edition, editions
from opsafe.oud.fhir import to_fhir
from opsafe.oud.from_icd10cm import from_icd10cm
from opsafe.oud.history import CriteriaHistory
from opsafe.oud.instrument_edition import InstrumentEdition
from opsafe.oud.instruments.cows import CowsScore, cows
from opsafe.oud.instruments.ort_oud import OrtOudScore, ort_oud
from opsafe.oud.instruments.peg import PegImprovement, PegScore, peg, peg_improvement
from opsafe.oud.reasons import CodeReason, Reason
from opsafe.oud.score import score
from opsafe.oud.score_history import score_history
from opsafe.oud.score_many import score_many
from opsafe.oud.states import ComorbidState, MaintenanceTherapy, Remission, Severity

__all__ = [
    "Answer",
    "Bounds",
    "CodeEdition",
    "CodeReason",
    "CodedOud",
    "CodedState",
    "ComorbidState",
    "CowsScore",
    "CriteriaCount",
    "CriteriaCounts",
    "CriteriaEdition",
    "CriteriaHistory",
    "InstrumentEdition",
    "MaintenanceTherapy",
    "OrtOudScore",
    "PegImprovement",
    "PegScore",
    "Reason",
    "Remission",
    "Severity",
    "TreatedOud",
    "code_for",
    "cows",
    "edition",
    "editions",
    "from_icd10cm",
    "ort_oud",
    "peg",
    "peg_improvement",
    "score",
    "score_history",
    "score_many",
    "to_fhir",
]
