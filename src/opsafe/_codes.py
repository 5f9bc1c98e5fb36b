"""A closed list of codes, each with a sentence for a person: reasons, flags."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

__all__ = ["AdvisedCode"]


class AdvisedCode(StrEnum):
    """Base of an enumeration of codes; ``advice`` says what a code means or what to do."""

    advice: str

    def __new__(cls, code: str, advice: str) -> Self:
        """Make a member from its code and its sentence."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.advice = advice
        return member
