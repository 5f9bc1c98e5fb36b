"""Errors of opsafe: each says what is wrong, where, what is allowed and what to do.

Every error is an :class:`OpsafeError` and also the built-in that a caller expects
(``ValueError``, ``TypeError``, ``KeyError``, ``ImportError``, ``OSError``), so both ``except``
habits work. Programs read the attributes; people read the message. Messages never hold member ids
or rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = [
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
]


class OpsafeError(Exception):
    """Base of every error that opsafe raises on purpose.

    Parameters
    ----------
    what : str
        What is wrong, as one sentence without the final stop.
    where : str, optional
        The argument, column or field it is wrong in.
    value : object, optional
        The offending value (never a member id).
    allowed : iterable of str, optional
        What would have been allowed.
    advice : str, optional
        What to do now.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        value: object = None,
        allowed: Iterable[object] = (),
        advice: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.value = value
        self.allowed = tuple(str(item) for item in allowed)
        self.advice = advice
        super().__init__(str(self))

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive a process pool with every attribute."""
        return _rebuilt, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        """Join the parts; overrides KeyError, which would quote the message."""
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.allowed:
            parts.append(f"Allowed: {', '.join(self.allowed)}")
        if self.advice:
            parts.append(self.advice)
        return " ".join(part if part.endswith("?") else f"{part.rstrip('.')}." for part in parts)


def _rebuilt(
    kind: type[OpsafeError], args: tuple[Any, ...], attributes: dict[str, Any]
) -> OpsafeError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class ArgumentError(OpsafeError, ValueError):
    """An argument has a value that the function cannot use."""


class ArgumentTypeError(OpsafeError, TypeError):
    """An argument has a type that the function cannot use."""


class StrengthError(ArgumentError):
    """A strength is not a number with one of the known units."""


class DimensionError(ArgumentError):
    """A unit has the wrong dimension: a patch rate in a tablet formula, or the reverse."""


class ColumnError(OpsafeError, ValueError):
    """A table lacks a column, has one twice, or holds one of a kind that cannot be read."""


class EditionNotFoundError(OpsafeError, KeyError):
    """No edition has this id."""


class FileError(OpsafeError, OSError):
    """A file cannot be read (it is damaged or gone) or cannot be written (the disk is full)."""


class MissingExtraError(OpsafeError, ImportError):
    """A feature needs an optional dependency that is not installed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a document: the field's path and why."""

    field: str
    message: str


class DocumentError(OpsafeError, ValueError):
    """A document (an edition file, a dose, a scenario) does not hold what it must.

    Parameters
    ----------
    problems : iterable of Problem
        Every problem found, with the path of its field.
    document : str
        The kind of document.
    file : str, optional
        The file it was read from.
    """

    def __init__(
        self, problems: Iterable[Problem], *, document: str, file: str | None = None
    ) -> None:
        self.problems = tuple(problems)
        self.document = document
        self.file = file
        listed = "; ".join(
            f"{problem.field}: {problem.message}" if problem.field else problem.message
            for problem in self.problems
        )
        super().__init__(f"{document} is not valid: {listed}", where=file)
