"""Treatment workforce: how many prescribers a plan's members need, when and where.

A patient limit is never the expected panel, a hire is not yet capacity, and an area's surplus does
not help another. Every default is an edition's value or a planning value, and is named.
"""

from __future__ import annotations

from opsafe.survival import Retention
from opsafe.workforce._hires import HiresNeeded
from opsafe.workforce.access import Access, access
from opsafe.workforce.calculator import AreaForm, AtRisk, Calculation, calculator
from opsafe.workforce.changes import (
    with_conversion,
    with_hires,
    with_hub,
    with_incentive,
    with_panel,
)
from opsafe.workforce.compare import Comparison, compare
from opsafe.workforce.demand import Demand
from opsafe.workforce.editions import edition, editions
from opsafe.workforce.example import example_scenario
from opsafe.workforce.frames import demands_from, supply_from
from opsafe.workforce.need import Need, demand
from opsafe.workforce.next_hires import NextHires, next_hires
from opsafe.workforce.observe import observe
from opsafe.workforce.observed import Observed
from opsafe.workforce.outreach import Outreach, outreach
from opsafe.workforce.patient_limit import PatientLimit, patient_limit
from opsafe.workforce.plan import Plan
from opsafe.workforce.pool import CapacityCurve, capacity_curve, fit_capacity
from opsafe.workforce.prescribers_needed import PrescribersNeeded, prescribers_needed
from opsafe.workforce.project import project
from opsafe.workforce.reach import Reach, ReachStandard, reach_standard
from opsafe.workforce.scenario import (
    OwnConversion,
    OwnPanel,
    PanelCapacity,
    PoolCapacity,
    Scenario,
    Supply,
)
from opsafe.workforce.site import Siting, site
from opsafe.workforce.staffing import StaffNeeded, staff_for
from opsafe.workforce.starts import Constant, Linear, Logistic, Series, Step
from opsafe.workforce.telehealth import with_telehealth
from opsafe.workforce.wait_standard import OwnWaitStandard, WaitStandard
from opsafe.workforce.waiting import Waiting, waiting

__all__ = [
    "Access",
    "AreaForm",
    "AtRisk",
    "Calculation",
    "CapacityCurve",
    "Comparison",
    "Constant",
    "Demand",
    "HiresNeeded",
    "Linear",
    "Logistic",
    "Need",
    "NextHires",
    "Observed",
    "Outreach",
    "OwnConversion",
    "OwnPanel",
    "OwnWaitStandard",
    "PanelCapacity",
    "PatientLimit",
    "Plan",
    "PoolCapacity",
    "PrescribersNeeded",
    "Reach",
    "ReachStandard",
    "Retention",
    "Scenario",
    "Series",
    "Siting",
    "StaffNeeded",
    "Step",
    "Supply",
    "WaitStandard",
    "Waiting",
    "access",
    "calculator",
    "capacity_curve",
    "compare",
    "demand",
    "demands_from",
    "edition",
    "editions",
    "example_scenario",
    "fit_capacity",
    "next_hires",
    "observe",
    "outreach",
    "patient_limit",
    "prescribers_needed",
    "project",
    "reach_standard",
    "site",
    "staff_for",
    "supply_from",
    "waiting",
    "with_conversion",
    "with_hires",
    "with_hub",
    "with_incentive",
    "with_panel",
    "with_telehealth",
]
