"""Editions of the patient limit: each step of the law, its first day, for whom, how many."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias, get_args

from annotated_types import Ge, Le
from pydantic import ValidationInfo, field_validator

from opsafe.provenance import Document, Edition, Words

__all__ = ["PRACTITIONERS", "LimitRules", "LimitStep", "Practitioner"]

Practitioner: TypeAlias = Literal[
    "physician",
    "nurse_practitioner",
    "physician_assistant",
    "np_or_pa",
    "clinical_nurse_specialist",
    "nurse_anesthetist",
    "nurse_midwife",
    "any_dea_schedule_iii",
]
"""Who prescribes; ``any_dea_schedule_iii`` is anyone else registered for Schedule III."""
PRACTITIONERS: tuple[Practitioner, ...] = get_args(Practitioner)
"""Every practitioner that a step can name."""
Patients: TypeAlias = Annotated[int, Ge(1), Le(100_000)]
WholeYears: TypeAlias = Annotated[int, Ge(0), Le(50)]


class LimitStep(Document):
    """One step of the law: who may treat how many patients at a time, from which day on.

    Parameters
    ----------
    first_day : datetime.date
        The first day on which it holds.
    before : datetime.date, optional
        The first day on which it no longer holds; steps that are only added to have none.
    practitioners : tuple of str
        For whom it holds.
    patients : int, optional
        The most patients at a time; none where the step ends the waiver and with it the limit.
    waiver_required : bool, optional
        Whether prescribing needs a waiver under this step.
    least_years_since_notice, least_years_at_100 : int, optional
        Years since the first notice, and at the limit of 100, that it asks for.
    needs_one_of : tuple of {"certified", "qualified_practice"}, optional
        Board certification in addiction care, or a qualified practice setting: one is enough.
    training : {"required", "or_certified", "none"}, optional
        Whether the waiver needs training, and whether board certification stands in for it.
    rule : str
        The name of the rule.
    address : str
        Where its text, or an account of it, was read.
    note : str, optional
        What else a reader must know.
    """

    first_day: date
    before: date | None = None
    practitioners: tuple[Practitioner, ...]
    waiver_required: bool = True
    patients: Patients | None = None
    least_years_since_notice: WholeYears = 0
    least_years_at_100: WholeYears = 0
    needs_one_of: tuple[Literal["certified", "qualified_practice"], ...] = ()
    training: Literal["required", "or_certified", "none"] = "required"
    rule: Words
    address: Words
    note: str = ""

    @field_validator("before")
    @classmethod
    def _ends_after_it_begins(cls, before: date | None, info: ValidationInfo) -> date | None:
        first_day = info.data.get("first_day")
        if before is not None and first_day is not None and before <= first_day:
            raise ValueError(f"must lie after the first day, {first_day}")
        return before

    @field_validator("practitioners")
    @classmethod
    def _each_once(cls, names: tuple[Practitioner, ...]) -> tuple[Practitioner, ...]:
        if not names or len(set(names)) < len(names):
            raise ValueError("must name at least one practitioner, and each once")
        return names

    @field_validator("patients")
    @classmethod
    def _limit_with_a_waiver_only(cls, patients: int | None, info: ValidationInfo) -> int | None:
        if info.data.get("waiver_required", True) != (patients is not None):
            raise ValueError("a limit on patients goes with a waiver: give both or neither")
        return patients

    def holds_on(self, day: date) -> bool:
        """Return whether the step is in force on a day."""
        return self.first_day <= day and (self.before is None or day < self.before)


class LimitRules(Edition):
    """Every step of the federal patient limit.

    Parameters
    ----------
    holds : {"limit_rules"}, optional
        What the file holds.
    steps : tuple of LimitStep
        By first day; a later step adds to the earlier ones. A practitioner has the largest limit
        among the steps whose conditions are met.
    """

    holds: Literal["limit_rules"] = "limit_rules"
    steps: tuple[LimitStep, ...]

    @field_validator("steps")
    @classmethod
    def _in_order(cls, steps: tuple[LimitStep, ...], info: ValidationInfo) -> tuple[LimitStep, ...]:
        days = [step.first_day for step in steps]
        if not days or days != sorted(days):
            raise ValueError("must be at least one step, in the order of their first days")
        if days[0] != info.data.get("effective_from", days[0]):
            raise ValueError("must begin on the day in effective_from")
        return steps
