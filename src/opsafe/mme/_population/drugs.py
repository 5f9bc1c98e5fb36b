"""What every distinct drug line says, judged once, as columns by line code."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from enum import IntFlag
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from opsafe.mme._population.codes import INDEX
from opsafe.mme._population.lexicon import Lexicon
from opsafe.mme._population.meaning import REJECTED, REVERSED, UNKNOWN, LineReader, Meaning
from opsafe.mme._resolve import is_moud
from opsafe.mme.reasons import Reason
from opsafe.quantity import BoolArray, IntArray

__all__ = ["Bit", "Drugs"]


class Bit(IntFlag):
    """What a drug line can be."""

    OPIOID = 1
    OTHER = 2
    """A known drug that is no opioid."""
    BENZODIAZEPINE = 4
    MEETS_BENZODIAZEPINES = 8
    REVERSED = 16
    DOUBTFUL = 32
    """Its ingredient is unknown, or its words or strength keep it from counting."""


class Drugs:
    """The lines of a lexicon as columns by line code."""

    def __init__(self, lexicon: Lexicon, not_opioid: Sequence[str]) -> None:
        self.written = tuple(lexicon.lines)
        read = LineReader(lexicon, not_opioid)
        self.meanings = tuple(map(read, self.written))
        self.words = lexicon.words
        self.people = dict.fromkeys(lexicon.people, lexicon.words)
        """Words behind the codes of prescribers and pharmacies, where those came as text."""

    def _each(self, value: Callable[[Meaning], Any], kind: type[Any]) -> npt.NDArray[Any]:
        return np.array([value(one) for one in self.meanings], kind)

    def where(self, holds: Callable[[Meaning], bool]) -> BoolArray:
        """Lines of which something holds."""
        return self._each(holds, bool)

    def _numbered(self, value: Callable[[Meaning], Hashable]) -> IntArray:
        """Number something in order of itself, so that codes are nobody's accident."""
        values = [value(one) for one in self.meanings]
        rank = {one: code for code, one in enumerate(sorted(set(values)))}  # type: ignore[type-var]
        return np.array([rank[one] for one in values], np.int64)

    @cached_property
    def opioid(self) -> BoolArray:
        return self.where(lambda one: one.kind == "opioid")

    @cached_property
    def benzodiazepine(self) -> BoolArray:
        """Benzodiazepines by mouth."""
        return self.where(lambda one: one.kind == "benzodiazepine" and one.route == "oral")

    @cached_property
    def other(self) -> BoolArray:
        """Known drugs that are no opioids."""
        return self.where(lambda one: one.ingredient is not None and one.kind != "opioid")

    @cached_property
    def skipped(self) -> BoolArray:
        """Drugs that are only counted: no opioids, and nothing that opioids meet."""
        return self.other & ~self.benzodiazepine

    @cached_property
    def meets_benzodiazepines(self) -> BoolArray:
        """Opioids whose days count beside a benzodiazepine's."""
        return self.opioid & ~self.moud & ~self.injected

    @cached_property
    def bits(self) -> npt.NDArray[np.uint8]:
        """What is asked of every row, as bits of one number: a row is looked up once."""
        doubtful = (self.unknown >= 0) | (self.late >= 0)
        asked = {
            Bit.OPIOID: self.opioid,
            Bit.OTHER: self.other,
            Bit.BENZODIAZEPINE: self.benzodiazepine,
            Bit.MEETS_BENZODIAZEPINES: self.meets_benzodiazepines,
            Bit.REVERSED: self.reversed,
            Bit.DOUBTFUL: doubtful,
        }
        found = np.zeros(len(self.meanings), np.uint8)
        for bit, lines in asked.items():
            found[lines] |= np.uint8(bit)
        return found

    @cached_property
    def injected(self) -> BoolArray:
        return self.where(
            lambda one: (
                one.route == "parenteral" or (one.form is not None and one.form.name == "injection")
            )
        )

    @cached_property
    def moud(self) -> BoolArray:
        return self.where(lambda one: one.line is not None and is_moud(one.line))

    @cached_property
    def cough_cold(self) -> BoolArray:
        return self.where(lambda one: bool(one.cough_cold))

    @cached_property
    def cough_cold_missing(self) -> BoolArray:
        return self.where(lambda one: one.cough_cold is None)

    @cached_property
    def buprenorphine(self) -> BoolArray:
        return self.where(lambda one: one.drug[0] == "buprenorphine")

    @cached_property
    def reversed(self) -> BoolArray:
        return self.where(lambda one: one.status == REVERSED)

    @cached_property
    def strength(self) -> IntArray:
        return self._each(lambda one: one.strength, np.int64)

    @cached_property
    def status(self) -> npt.NDArray[np.int16]:
        """Index of the reason that the status alone is, -1 for none."""
        codes = {UNKNOWN: INDEX[Reason.STATUS_UNKNOWN], REJECTED: INDEX[Reason.REJECTED]}
        return self._each(lambda one: codes.get(one.status, -1), np.int16)

    @cached_property
    def unknown(self) -> npt.NDArray[np.int16]:
        """Index of the reason why the ingredient is not known, -1 where it is."""

        def reason(one: Meaning) -> int:
            if one.ingredient is not None:
                return -1
            missing = not one.unknown_word
            return INDEX[Reason.INGREDIENT_MISSING if missing else Reason.UNKNOWN_INGREDIENT]

        return self._each(reason, np.int16)

    @cached_property
    def late(self) -> npt.NDArray[np.int16]:
        """Index of the reason that an opioid's words or strength are, -1 for none."""
        return self._each(
            lambda one: INDEX[one.reason] if one.reason and one.kind == "opioid" else -1, np.int16
        )

    @cached_property
    def drug(self) -> IntArray:
        return self._numbered(lambda one: one.drug)

    @cached_property
    def ingredients(self) -> tuple[str, ...]:
        """Canonical names of the ingredients, in order."""
        return tuple(sorted({one.drug[0] for one in self.meanings}))

    @cached_property
    def ingredient(self) -> IntArray:
        """Position of each line's ingredient among ``ingredients``."""
        rank = {name: code for code, name in enumerate(self.ingredients)}
        return self._each(lambda one: rank[one.drug[0]], np.int64)

    @cached_property
    def undone(self) -> IntArray:
        return self._numbered(lambda one: one.undone)

    @cached_property
    def product(self) -> IntArray:
        return self._numbered(lambda one: one.product)

    @cached_property
    def rank(self) -> IntArray:
        """Order of the lines by all that they say."""
        return self._numbered(lambda one: one.all)
