"""Opioid safety for health plans: sourced, exact and auditable calculations.

Each engine is a package of its own and is imported by name, for example
``from opsafe import mme``. Importing :mod:`opsafe` loads none of them.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
