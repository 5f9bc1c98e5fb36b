"""A table of drugs: from a code to what a fill of it contains.

No drug file is shipped, because those that are complete are not free to share. Bring the plan's
own table, RxNorm names, or the CDC file of drug codes; the table joins them to fills.
"""

# More than 300 lines: one public class, most of it what its methods document.

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, Self

import numpy as np

from opsafe.columns import Columns
from opsafe.errors import ArgumentError, ColumnError
from opsafe.frames import open_table
from opsafe.mme.drugs._cdc import CDC_COLUMNS, from_cdc
from opsafe.mme.drugs._codes import CodeKind, coded_column, key_of, key_of_value
from opsafe.mme.drugs._contents import (
    Content,
    Entry,
    from_columns,
    from_name,
    values_of,
)
from opsafe.mme.drugs._joining import (
    build,
    coded,
    content_columns,
    found_columns,
    names_of,
    text_table,
)

__all__ = ["DrugTable"]

_KINDS: Final[tuple[CodeKind, ...]] = ("ndc", "text")
_CDC_REQUIRED: Final = ("ndc", "class", "drug", "strength", "unit")
_ADDED: Final = (
    *("ingredient", "strength", "unit", "route", "form", "wear_hours", "cough_cold", "moud"),
    "source_row",
)
_LISTED_AT_MOST: Final = 5


class DrugTable:
    """Products by code, ready to be joined to fills.

    Made by :meth:`from_frame`, :meth:`from_names` or :meth:`from_cdc_file`. A code is a National
    Drug Code (``code_kind="ndc"``: 10, 11 or 12 digits on either side of a join) or any other
    identifier, such as an RxCUI or the plan's own (``code_kind="text"``: compared as text, whole
    numbers by their digits).

    Attributes
    ----------
    code_kind : {"ndc", "text"}
        How codes are compared.
    problems : Columns
        What could not be read, a row each: ``code``, ``field``, ``seen``, ``problem``. These
        products stay in the table with what is known, so that a fill of them gets a reason.
    not_opioid : tuple of str
        Ingredients that the source calls something other than an opioid and that are not known
        here; for the argument ``not_opioid`` of an exposure.
    """

    def __init__(self, entries: Iterable[Entry], code_kind: CodeKind, where: str) -> None:
        if code_kind not in _KINDS:
            raise ArgumentError(
                f"there is no kind {code_kind!r}", where="code_kind", allowed=_KINDS
            )
        self.code_kind: CodeKind = code_kind
        self._contents: dict[str, tuple[Content, ...]] = {}
        problems: list[tuple[str, str, str, str]] = []
        conflicts: dict[str, None] = {}
        not_opioid: dict[str, None] = {}
        for entry in entries:
            found = key_of_value(entry.code, code_kind)
            code = "" if entry.code is None else str(entry.code)
            if found.key is None:
                problems.append((code, "code", code, found.reason or "missing"))
                continue
            if entry.problem:
                problems.append((code, entry.field or "", entry.seen or "", entry.problem))
            if entry.not_opioid:
                not_opioid[entry.not_opioid] = None
            if self._contents.setdefault(found.key, entry.contents) != entry.contents:
                conflicts[code] = None
        if conflicts:
            raise _conflict(list(conflicts), where)
        if problems and not self._contents:
            raise ColumnError(f"no code can be read: {problems[0][3]}", where=where)
        self.problems = text_table(("code", "field", "seen", "problem"), problems)
        self.not_opioid = tuple(not_opioid)

    @classmethod
    def from_frame(
        cls,
        frame: object,
        *,
        code: str = "ndc",
        columns: Mapping[str, str] | None = None,
        code_kind: CodeKind = "ndc",
    ) -> Self:
        """Make a table from a plan's own frame: one row, one product, one opioid.

        Parameters
        ----------
        frame : frame, mapping of columns, or list of records
            Columns ``ingredient`` and optionally ``strength``, ``unit``, ``route``, ``form``,
            ``wear_hours``, ``cough_cold``, ``moud``.
        code : str, optional
            Name of the column of codes.
        columns : mapping of str to str, optional
            Our name to yours, where they differ.
        code_kind : {"ndc", "text"}, optional
            How codes are compared.

        Returns
        -------
        DrugTable
            The table.

        Raises
        ------
        ArgumentError
            A code stands there twice with different contents; the codes are listed.
        ColumnError
            A column is missing, or no code can be read.

        Notes
        -----
        ``ingredient`` may name several, as in "OXYCODONE HCL/ACETAMINOPHEN": the opioid counts.
        A ``moud`` that is not given is inferred from ingredient, route, form and strength; a
        ``cough_cold`` that is not given stays unknown unless ``ingredient`` names several.

        Examples
        --------
        >>> table = DrugTable.from_frame(
        ...     {"ndc": ["00000-0001-01"], "ingredient": ["Oxycodone HCl"], "strength": ["5 mg"]}
        ... )
        >>> table.join({"ndc": ["00000000101"]})["ingredient"].tolist()
        ['oxycodone']
        """
        optional = ("strength", "unit", "route", "form", "wear_hours", "cough_cold", "moud")
        table = open_table(
            frame,
            where="frame",
            required=("code", "ingredient"),
            optional=optional,
            columns={**(columns or {}), "code": code},
        )
        return cls(from_columns(table), code_kind, f"frame[{code!r}]")

    @classmethod
    def from_names(
        cls,
        names: object,
        *,
        code: str = "code",
        name: str = "name",
        code_kind: CodeKind = "text",
    ) -> Self:
        """Make a table from RxNorm clinical drug names.

        Parameters
        ----------
        names : mapping of code to name, frame, mapping of columns, or list of records
            Codes with the names of their products; a code may stand there again with its name.
        code, name : str, optional
            Names of the two columns, where it is a table.
        code_kind : {"ndc", "text"}, optional
            How codes are compared; an RxCUI is "text".

        Returns
        -------
        DrugTable
            The table. A name that cannot be read in full is in ``problems``; its fills are set
            aside as an unknown ingredient under that name.

        Raises
        ------
        ArgumentError
            A code stands there twice with different contents; the codes are listed.
        ColumnError
            A column is missing, or no code can be read.

        Notes
        -----
        A product of two different opioids has two contents, and its fill becomes two rows.

        Examples
        --------
        >>> table = DrugTable.from_names(
        ...     {1049221: "Acetaminophen 325 MG / Oxycodone Hydrochloride 5 MG Oral Tablet"}
        ... )
        >>> table.join({"rxcui": ["1049221"]}, code="rxcui")["strength"].tolist()
        [5.0]
        """
        if isinstance(names, Mapping) and all(isinstance(one, str) for one in names.values()):
            codes, texts = list(names), list(names.values())
        else:
            table = open_table(
                names,
                where="names",
                required=("code", "name"),
                columns={"code": code, "name": name},
            )
            codes, texts = (values_of(table.column(word)) for word in ("code", "name"))
        read = {text: from_name(None, text) for text in dict.fromkeys(texts)}
        entries = (
            Entry(one, read[text].contents, read[text].problem, read[text].field, read[text].seen)
            for one, text in zip(codes, texts, strict=True)
        )
        return cls(entries, code_kind, "names")

    @classmethod
    def from_cdc_file(cls, frame: object) -> Self:
        """Make a table from a frame with the columns of the CDC file of drug codes.

        Parameters
        ----------
        frame : frame, mapping of columns, or list of records
            The sheets of the CDC file of 2018 (or 2016, 2017), one or several of them stacked,
            read with NDC as text. Its 12 columns are NDC, NDC_Numeric, PRODNME, GENNME,
            Master_Form, Class, Drug, LongShortActing, DEAClassCode, Strength_Per_Unit, UOM and
            MME_Conversion_Factor; NDC, Class, Drug, Strength_Per_Unit and UOM must be there.
            Upper or lower case and underscores in the names do not matter.

        Returns
        -------
        DrugTable
            The table. Products of a class other than Opioid become other drugs.

        Raises
        ------
        ArgumentError
            A code stands there twice with different contents; the codes are listed.
        ColumnError
            A column is missing, or no code can be read.

        Notes
        -----
        The column of factors is never used: factors come from editions. The file states no
        route; it is inferred from the form, and for mucosal products from the drug (fentanyl
        tablets and films buccal; buprenorphine films in mcg buccal, else sublingual; sprays of
        butorphanol nasal, of fentanyl by brand). That reading is ours. A code that is on the
        sheet of opioids and on another one, such as carisoprodol with codeine, is an opioid.

        Examples
        --------
        >>> row = {"NDC": "00000000101", "Class": "Opioid", "Drug": "Hydrocodone"}
        >>> row |= {"Master_Form": "Tablet", "Strength_Per_Unit": 5, "UOM": "MG"}
        >>> joined = DrugTable.from_cdc_file([row]).join({"ndc": ["0000-0001-01"]})
        >>> joined["ingredient"].item(), joined["strength"].item(), joined["route"].item()
        ('hydrocodone', 5.0, 'oral')
        """
        columns = found_columns(frame, CDC_COLUMNS, _CDC_REQUIRED)
        table = open_table(
            frame,
            where="frame",
            required=_CDC_REQUIRED,
            optional=("form", "generic", "product"),
            columns=columns,
        )
        return cls(_opioids_first(from_cdc(table)), "ndc", f"frame[{columns['ndc']!r}]")

    def __len__(self) -> int:
        return len(self._contents)

    def __repr__(self) -> str:
        problems = f", {len(self.problems)} problems" if len(self.problems) else ""
        return f"DrugTable({len(self):,} codes by {self.code_kind}{problems})"

    @cached_property
    def products(self) -> Columns:
        """What the table holds: a row for each code and opioid, with the columns of a join."""
        pairs = [(code, one) for code, found in self._contents.items() for one in found]
        codes = [
            code[1:] if self.code_kind == "ndc" and code[0] == "0" else code for code, _ in pairs
        ]
        added = content_columns([one for _, one in pairs], np.arange(len(pairs)))
        return Columns({"code": coded(codes), **added})

    def join(self, fills: object, code: str = "ndc") -> Any:
        """Add to each fill what its product contains.

        Parameters
        ----------
        fills : frame, mapping of columns, or list of records
            The fills, one row each.
        code : str, optional
            Name of their column of codes.

        Returns
        -------
        frame of the same kind, or Columns for a mapping or records
            Every column of the fills, then ``ingredient``, ``strength`` (in ``unit``), ``unit``,
            ``route``, ``form``, ``wear_hours``, ``cough_cold``, ``moud`` and ``source_row`` (the
            row of the fill, counted from 0).

        Raises
        ------
        ColumnError
            There is no such column, or the fills have a column that the join would add.

        Notes
        -----
        Rows stay in order and none is lost: a code that is not understood or not in the table
        gets nulls (see :meth:`unmatched`), so that an exposure sets it aside with a reason. A
        fill of a product with two different opioids becomes two rows with one ``source_row``.
        """
        names = names_of(fills)
        twice = [name for name in _ADDED if name in names]
        if twice:
            raise ColumnError(
                f"there already is a column {', '.join(map(repr, twice))}",
                where="fills",
                advice="Drop or rename what the table is to add",
            )
        table = open_table(fills, where="fills", required=(code,), optional=names)
        codes, words, numeric = coded_column(table.column(code), f"fills[{code!r}]")
        keys = [key_of(word, self.code_kind, numeric=numeric).key for word in words]
        contents, per_word = self._of_keys(keys)
        counts = np.array([*(len(found) or 1 for found in per_word), 1], np.int64)[codes]
        rows = np.repeat(np.arange(len(table)), counts)
        first = np.array([*(found[0] if found else -1 for found in per_word), -1], np.int64)[codes]
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        chosen = np.where(first[rows] < 0, -1, first[rows] + within)
        added = content_columns(contents, chosen)
        return build(table, fills, names, rows, {**added, "source_row": rows})

    def unmatched(self, fills: object, code: str = "ndc") -> Columns:
        """Say which codes of the fills the table does not answer, and why.

        Parameters
        ----------
        fills : frame, mapping of columns, or list of records
            The fills.
        code : str, optional
            Name of their column of codes.

        Returns
        -------
        Columns
            ``code`` as written, ``rows`` that have it, ``reason``, and ``in_table``: those codes
            of the table that an ambiguous one can stand for. The most frequent first.

        Raises
        ------
        ColumnError
            There is no such column.
        """
        table = open_table(fills, where="fills", required=(code,))
        codes, words, numeric = coded_column(table.column(code), f"fills[{code!r}]")
        counts = np.bincount(codes + 1, minlength=len(words) + 1)
        rows: list[tuple[str | None, int, str, str]] = []
        if counts[0]:
            rows.append((None, int(counts[0]), "missing", ""))
        for word, count in zip(words, counts[1:].tolist(), strict=True):
            found = key_of(word, self.code_kind, numeric=numeric)
            if not count or found.key in self._contents:
                continue
            known = [one for one in found.candidates if f"0{one}" in self._contents]
            reason = found.reason or "not in this table"
            rows.append((word, count, reason, " ".join(known)))
        rows.sort(key=lambda row: (-row[1], row[0] or ""))
        return Columns(
            {
                "code": coded([row[0] for row in rows]),
                "rows": np.array([row[1] for row in rows], np.int64),
                "reason": coded([row[2] for row in rows]),
                "in_table": coded([row[3] or None for row in rows]),
            }
        )

    def _of_keys(self, keys: Sequence[str | None]) -> tuple[list[Content], list[range]]:
        """Return the contents of some keys in one list, and where each key's stand in it."""
        contents: list[Content] = []
        places: list[range] = []
        for key in keys:
            found = self._contents.get(key, ()) if key is not None else ()
            places.append(range(len(contents), len(contents) + len(found)))
            contents += found
        return contents, places


def _conflict(codes: list[str], where: str) -> ArgumentError:
    listed = ", ".join(codes[:_LISTED_AT_MOST])
    more = f" and {len(codes) - _LISTED_AT_MOST} more" if len(codes) > _LISTED_AT_MOST else ""
    return ArgumentError(
        f"one code, different contents: {listed}{more}",
        where=where,
        value=tuple(codes),
        advice="Keep one row for each code; products of several ingredients come in by name",
    )


def _opioids_first(entries: Iterable[Entry]) -> list[Entry]:
    """Keep the entry on the sheet of opioids where a code is on several sheets."""
    listed = list(entries)
    opioid = {str(one.code) for one in listed if one.contents[0].moud is not None}
    return [
        one for one in listed if one.contents[0].moud is not None or str(one.code) not in opioid
    ]
