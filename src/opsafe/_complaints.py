"""pydantic's complaints about a document, in the words of opsafe: which field, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from opsafe.errors import DocumentError, Problem

__all__ = ["complaint"]

_SEEN_AT_MOST = 60  # characters of an offending value that a message repeats
_DECIMAL = re.compile(r"Decimal\('([^']+)'\)")  # people read 0.15, not Decimal('0.15')


def complaint(error: ValidationError, data: object, document: str) -> DocumentError:
    """Translate every complaint, with the path of its field in the data."""
    problems = (
        Problem(field=_path(details, data), message=_message(details))
        for details in error.errors(include_url=False)
    )
    return DocumentError(problems, document=document)


def _path(details: ErrorDetails, data: object) -> str:
    """Write the place of a problem as ``factors[3].value``.

    pydantic also puts the tag of a union into the path (``factors, 3, linear, value``): a step
    that the data does not have, unless it is the missing field itself.
    """
    path = ""
    *_, last = details["loc"] or ("",)
    for step in details["loc"]:
        if isinstance(step, int):
            path += f"[{step}]"
            inside = isinstance(data, Sequence) and step < len(data)
            data = data[step] if inside and isinstance(data, Sequence) else None
        elif isinstance(data, Mapping) and step in data:
            path += f".{step}"
            data = data[step]
        elif details["type"] == "missing" and step == last:
            path += f".{step}"
    return path.removeprefix(".")


def _seen(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        return f"a {type(value).__name__} too long to write"


def _message(details: ErrorDetails) -> str:
    kind = details["type"]
    context = details.get("ctx", {})
    seen = _seen(details["input"])
    seen = seen if len(seen) <= _SEEN_AT_MOST else f"{seen[:_SEEN_AT_MOST]}..."
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not a field of this document"
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"must be {context['expected']}, not {seen}"
    if kind == "union_tag_not_found":
        return f"needs a {context['discriminator']} to say what it is"
    if kind == "union_tag_invalid":
        return (
            f"{context['discriminator']} must be {context['expected_tags']}, not {context['tag']!r}"
        )
    text = f"{details['msg'].removeprefix('Input ')}, not {seen}"
    return _DECIMAL.sub(r"\1", f"{text[0].lower()}{text[1:]}")
