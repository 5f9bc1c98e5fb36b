"""The public names of opsafe, by hand: a name that appears or disappears has to be meant."""

from __future__ import annotations

from typing import Final

PUBLIC: Final[dict[str, frozenset[str]]] = {
    "opsafe": frozenset({"__version__"}),
    "opsafe.columns": frozenset({"Column", "Columns", "Nullable", "Text"}),
    "opsafe.errors": frozenset(
        {
            "ArgumentError",
            "ArgumentTypeError",
            "ColumnError",
            "DimensionError",
            "DocumentError",
            "EditionNotFoundError",
            "FileError",
            "MissingExtraError",
            "OpsafeError",
            "Problem",
            "StrengthError",
        }
    ),
    "opsafe.mme": frozenset(
        {
            "ConversionEdition",
            "DailyMme",
            "Dose",
            "Exposure",
            "ExposureFiles",
            "ExposureSpark",
            "Flag",
            "Provenance",
            "Reason",
            "RegimenMme",
            "compare",
            "daily",
            "drugs",
            "edition",
            "editions",
            "exposure",
            "exposure_by_edition",
            "exposure_files",
            "exposure_spark",
            "last_day",
            "regimen",
        }
    ),
    "opsafe.mme.drugs": frozenset(
        {
            "Component",
            "DrugName",
            "DrugTable",
            "Ndc",
            "normalize_ndc",
            "normalize_ndcs",
            "parse_name",
        }
    ),
    "opsafe.oud": frozenset(
        {
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
        }
    ),
    "opsafe.plot": frozenset({"criteria", "definitions", "editions", "member_timeline"}),
    "opsafe.provenance": frozenset(
        {
            "Document",
            "Edition",
            "EditionId",
            "EditionList",
            "EditionUsed",
            "Precision",
            "Source",
            "Words",
        }
    ),
    "opsafe.quantity": frozenset(
        {
            "BoolArray",
            "DateArray",
            "Days",
            "FloatArray",
            "GridState",
            "IntArray",
            "Milligrams",
            "MmePerDay",
            "Share",
            "Usd",
            "decimal_to_grid",
            "to_grid",
        }
    ),
    "opsafe.units": frozenset({"Strength", "UNITS", "parse_strength", "parse_unit"}),
}
"""What stands in ``__all__`` of each public module, and on a page of the reference."""

INTERNAL: Final = frozenset({"opsafe.cli", "opsafe.frames"})
"""Modules without a leading underscore that are no promise: of `cli` only the command is one."""
