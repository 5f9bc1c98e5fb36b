"""What medication treatment of opioid use disorder costs and saves a health plan."""

from __future__ import annotations

from opsafe.costbenefit.acceptability import (
    Acceptability,
    AcceptabilityFrontier,
    ExpectedLoss,
    ceac,
    ceaf,
    expected_loss,
)
from opsafe.costbenefit.budget_impact import BudgetImpact, budget_impact
from opsafe.costbenefit.budget_inputs import BudgetInputs, BudgetLine
from opsafe.costbenefit.budget_scenarios import BudgetScenarios, budget_scenarios
from opsafe.costbenefit.business_case import BusinessCase, business_case
from opsafe.costbenefit.by_line import BusinessCaseByLine, business_case_by_line
from opsafe.costbenefit.calibrate import Calibration, calibrate
from opsafe.costbenefit.case_outcomes import case_outcomes
from opsafe.costbenefit.churn import OwnChurn, enrolled_share, leaving_by_calendar_month
from opsafe.costbenefit.cohort_model import CohortModel, Strategy, WeibullDwell
from opsafe.costbenefit.conventions import Conventions
from opsafe.costbenefit.discounting import discount_factors, discount_rate_per_period
from opsafe.costbenefit.editions import edition, editions, parameters
from opsafe.costbenefit.finance import (
    benefit_cost_ratio,
    break_even_members,
    linear_payback,
    medical_loss_ratio,
    net_present_value,
    payback,
    per_member_month,
    return_on_investment,
)
from opsafe.costbenefit.frontier import Frontier, frontier
from opsafe.costbenefit.information import InformationValue, evpi, evppi, evppi_by_parameter
from opsafe.costbenefit.office_care import OfficeCare, office_care
from opsafe.costbenefit.oud_models import ReadyModel, six_state_model
from opsafe.costbenefit.outcomes import Outcomes
from opsafe.costbenefit.plan_inputs import (
    BaselineRate,
    CareManagers,
    Effect,
    EventCosts,
    LossRatioBase,
    MedicationMix,
    PlanInputs,
    PlanPaid,
    ProgrammeCosts,
    TreatmentCosts,
)
from opsafe.costbenefit.plan_model import plan_model
from opsafe.costbenefit.population import (
    net_gain_of_sampling,
    normal_information_value,
    population_value,
    preposterior_sd,
)
from opsafe.costbenefit.prices import Inflated, inflate, price_index, price_ratio
from opsafe.costbenefit.rates import apply_ratio, convert
from opsafe.costbenefit.report import Report, report
from opsafe.costbenefit.run import Run
from opsafe.costbenefit.simulate import simulate
from opsafe.costbenefit.study_value import evsi
from opsafe.costbenefit.validation import validation, validation_model
from opsafe.costbenefit.within_cycle import discounted_weights, within_cycle_weights

__all__ = [
    "Acceptability",
    "AcceptabilityFrontier",
    "BaselineRate",
    "BudgetImpact",
    "BudgetInputs",
    "BudgetLine",
    "BudgetScenarios",
    "BusinessCase",
    "BusinessCaseByLine",
    "Calibration",
    "CareManagers",
    "CohortModel",
    "Conventions",
    "Effect",
    "EventCosts",
    "ExpectedLoss",
    "Frontier",
    "Inflated",
    "InformationValue",
    "LossRatioBase",
    "MedicationMix",
    "OfficeCare",
    "Outcomes",
    "OwnChurn",
    "PlanInputs",
    "PlanPaid",
    "ProgrammeCosts",
    "ReadyModel",
    "Report",
    "Run",
    "Strategy",
    "TreatmentCosts",
    "WeibullDwell",
    "apply_ratio",
    "benefit_cost_ratio",
    "break_even_members",
    "budget_impact",
    "budget_scenarios",
    "business_case",
    "business_case_by_line",
    "calibrate",
    "case_outcomes",
    "ceac",
    "ceaf",
    "convert",
    "discount_factors",
    "discount_rate_per_period",
    "discounted_weights",
    "edition",
    "editions",
    "enrolled_share",
    "evpi",
    "evppi",
    "evppi_by_parameter",
    "evsi",
    "expected_loss",
    "frontier",
    "inflate",
    "leaving_by_calendar_month",
    "linear_payback",
    "medical_loss_ratio",
    "net_gain_of_sampling",
    "net_present_value",
    "normal_information_value",
    "office_care",
    "parameters",
    "payback",
    "per_member_month",
    "plan_model",
    "population_value",
    "preposterior_sd",
    "price_index",
    "price_ratio",
    "report",
    "return_on_investment",
    "simulate",
    "six_state_model",
    "validation",
    "validation_model",
    "within_cycle_weights",
]
