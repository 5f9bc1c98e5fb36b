"""What a user constructs or loads: frozen, strict, no unknown fields, no infinities.

pydantic's complaints are translated once, here, into :class:`~opsafe.errors.DocumentError`, whose
problems name the field by its path (``factors[3].value``, counted from 0).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from opsafe._complaints import complaint
from opsafe.errors import DocumentError, Problem

__all__ = ["Document"]


class Document(BaseModel):
    """Base of everything that a user constructs or loads.

    Raises
    ------
    DocumentError
        A field is missing, unknown, of another type or out of range; every problem is listed.
    """

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise complaint(error, fields, type(self).__name__) from None

    # pydantic marks its own initialiser so. Without the mark every nested document would be
    # built through __init__: its problems would lose their path, and dates in JSON their text.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields replaced, and checked (pydantic would not check)."""
        if not update:
            return super().model_copy(deep=deep)
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**(fields | dict(update)))

    def to_json(self) -> str:
        """Return the document as JSON text, which :meth:`from_json` reads back.

        Returns
        -------
        str
            JSON; decimals are text, so that no digit is lost.
        """
        return self.model_dump_json(indent=2)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read a document from JSON text.

        Parameters
        ----------
        text : str or bytes
            What :meth:`to_json` wrote, or the same by hand.

        Returns
        -------
        Document
            The document.

        Raises
        ------
        DocumentError
            The text is not JSON, or a field is wrong.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            if any(problem["type"] == "json_invalid" for problem in error.errors()):
                problem = Problem(field="", message="not JSON")
                raise DocumentError([problem], document=cls.__name__) from None
            raise complaint(error, json.loads(text), cls.__name__) from None
