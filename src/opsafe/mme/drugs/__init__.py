"""Drug identity: from a drug code or a product's name to what a fill of it contains.

Drug codes (NDC) are normalised without guessing, RxNorm names are read into ingredients with
strengths, and a :class:`DrugTable` joins either to fills. No drug file is shipped: bring your own.
"""

from __future__ import annotations

from opsafe.mme.drugs._grammar import Component
from opsafe.mme.drugs.ndc import Ndc, normalize_ndc, normalize_ndcs
from opsafe.mme.drugs.rxnorm import DrugName, parse_name
from opsafe.mme.drugs.table import DrugTable

__all__ = [
    "Component",
    "DrugName",
    "DrugTable",
    "Ndc",
    "normalize_ndc",
    "normalize_ndcs",
    "parse_name",
]
