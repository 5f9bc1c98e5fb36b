"""Reasons and days as the integers that columns hold."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np

from opsafe.mme.reasons import Reason
from opsafe.quantity import DateArray, IntArray

__all__ = ["EPOCH", "INDEX", "LAST_DAY", "LAST_FILL", "REASONS", "to_dates"]

REASONS: Final = tuple(Reason)
INDEX: Final = {reason: index for index, reason in enumerate(REASONS)}

_UNIX: Final = date(1970, 1, 1).toordinal()
EPOCH: Final = date(1900, 1, 1).toordinal() - _UNIX
"""Day 0 of the kernel, in days since 1970-01-01."""
LAST_FILL: Final = date(2199, 12, 31).toordinal() - _UNIX - EPOCH
LAST_DAY: Final = date(9999, 1, 1).toordinal() - _UNIX - EPOCH


def to_dates(days: IntArray) -> DateArray:
    """Kernel days as dates; NaT for -1."""
    dates = (days + EPOCH).astype("datetime64[D]")
    dates[days < 0] = np.datetime64("NaT")
    return dates
