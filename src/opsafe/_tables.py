"""The only reader of packaged data: TOML with exact decimals, lists as tuples.

A table is what :mod:`tomllib` gives, except that every decimal is a :class:`decimal.Decimal`
(``0.15`` stays 0.15) and every list is a tuple, so that strict, frozen documents accept it.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from opsafe.errors import DocumentError, Problem

__all__ = ["names", "parse_toml", "read_path", "read_toml"]


def parse_toml(text: str, *, file: str, document: str = "file") -> dict[str, object]:
    """Read TOML text into a table of exact values.

    Parameters
    ----------
    text : str
        The TOML document.
    file : str
        The name that an error gives.
    document : str, optional
        The kind of document that an error names.

    Returns
    -------
    dict
        Decimals as `decimal.Decimal`, lists as tuples.

    Raises
    ------
    DocumentError
        The text is not TOML; the message has the line and column.

    Examples
    --------
    >>> parse_toml("value = 0.15", file="example.toml")
    {'value': Decimal('0.15')}
    """
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        problem = Problem(field="", message=f"not TOML: {error}")
        raise DocumentError([problem], document=document, file=file) from None
    return {key: _frozen(value) for key, value in table.items()}


def read_path(path: Path, *, document: str = "file") -> dict[str, object]:
    """Read a user's TOML file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    document : str, optional
        The kind of document that an error names.

    Returns
    -------
    dict
        As :func:`parse_toml` gives it.

    Raises
    ------
    DocumentError
        The file cannot be opened, or is not UTF-8 text or not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        problem = Problem(field="", message=f"cannot be read: {reason}")
        raise DocumentError([problem], document=document, file=str(path)) from None
    return parse_toml(text, file=str(path), document=document)


def read_toml(package: str, name: str) -> dict[str, object]:
    """Read a data file that ships with opsafe.

    Parameters
    ----------
    package : str
        The folder, dotted: ``"opsafe.mme.data"``.
    name : str
        The file in it, with its suffix.

    Returns
    -------
    dict
        As :func:`parse_toml` gives it.
    """
    text = _folder(package).joinpath(name).read_text(encoding="utf-8")
    return parse_toml(text, file=name)


def names(package: str, suffix: str = ".toml") -> tuple[str, ...]:
    """Names of the packaged files of a folder that end in a suffix, sorted.

    Parameters
    ----------
    package : str
        The folder, dotted.
    suffix : str, optional
        How the names end.

    Returns
    -------
    tuple of str
        File names with their suffix.
    """
    found = (entry.name for entry in _folder(package).iterdir())
    return tuple(sorted(name for name in found if name.endswith(suffix)))


def _folder(package: str) -> Traversable:
    # Data folders are not Python packages, so only the first part is imported.
    root, *parts = package.split(".")
    return files(root).joinpath(*parts)


def _frozen(value: object) -> object:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value
