"""Morphine milligram equivalents, from one prescription to a plan's fills.

MME is a measure of exposure for surveillance and review. It is not a way to convert one opioid
into another, and no function here turns MME into a dose.
"""

from __future__ import annotations

from opsafe.mme import drugs
from opsafe.mme._answers import DailyMme, RegimenMme
from opsafe.mme._roads.result import ExposureFiles
from opsafe.mme.compare import compare
from opsafe.mme.conversion import ConversionEdition
from opsafe.mme.daily import daily, regimen
from opsafe.mme.dose import Dose
from opsafe.mme.editions import edition, editions, last_day
from opsafe.mme.exposure import exposure
from opsafe.mme.exposure_by_edition import exposure_by_edition
from opsafe.mme.exposure_files import exposure_files
from opsafe.mme.exposure_spark import ExposureSpark, exposure_spark
from opsafe.mme.reasons import Flag, Reason
from opsafe.mme.record import Provenance
from opsafe.mme.result import Exposure

__all__ = [
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
]
