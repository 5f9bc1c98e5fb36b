"""Columns that travel together: each column costs Spark more on the way than its bytes.

In Spark, a date and a whole number of 32 bits become one number of 64; texts of few words become
one, their bytes side by side between bytes that no text in UTF-8 has. In a worker they come apart,
the texts as codes of their words, since each distinct row of words is taken apart once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

__all__ = ["Shipping"]

_BETWEEN: Final = b"\xff"
_MISSING: Final = b"\xfe"
# Of a pair's 64 bits, 31 are of a narrow number or a date: a day further away than three million
# years is one that far away. The other 33 are of any number of 32 bits; 0 is a missing one.
_BITS: Final = 33
_FURTHEST: Final = (1 << 30) - 1
_NONE: Final = -_FURTHEST - 1
_ABOVE_ZERO: Final = (1 << 31) + 1
# Rows that are taken apart together: Spark's batches are small, and say the same again.
_ROWS: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Shipping:
    """Which columns travel alone, which two by two, and which all as one."""

    alone: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]
    kinds: Mapping[str, Any]
    """Arrow types of the columns."""

    @classmethod
    def plan(cls, kinds: Mapping[str, Any], key: str, few_words: Collection[str] = ()) -> Shipping:
        """Decide by the types of columns.

        Parameters
        ----------
        kinds : mapping of str to Arrow type
            The columns.
        key : str
            The one that must travel alone.
        few_words : collection of str, optional
            Those that say few different things.
        """
        import pyarrow as pa

        def those(*tests: Callable[[Any], bool]) -> list[str]:
            return [
                name
                for name, kind in kinds.items()
                if name != key and any(test(kind) for test in tests)
            ]

        is_a = pa.types
        narrow = those(is_a.is_date32, is_a.is_int8, is_a.is_int16)
        # A whole number takes a narrow one along; those that are left travel with each other.
        pairs = list(zip(narrow, those(is_a.is_int32), strict=False))
        left = narrow[len(pairs) :]
        pairs += zip(left[::2], left[1::2], strict=False)
        texts = tuple(name for name in those(is_a.is_string) if name in few_words)
        together = {*texts, *(name for pair in pairs for name in pair)}
        alone = tuple(name for name in kinds if name not in together)
        return cls(alone, tuple(pairs), texts, dict(kinds))

    @property
    def names(self) -> tuple[str, ...]:
        """Columns in the order in which they come out of :meth:`unpacked`."""
        return (*self.alone, *(name for pair in self.pairs for name in pair), *self.texts)

    def expressions(self, column: Callable[[str], str]) -> list[str]:
        """Write what is to be shipped in Spark's SQL; ``column`` writes one column."""
        found = [column(name) for name in self.alone]
        found += [
            _pair(self._number(a, column(a)), self._number(b, column(b))) for a, b in self.pairs
        ]
        if self.texts:
            found.append(_row([column(name) for name in self.texts]))
        return found

    def unpacked(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Take Arrow batches of what was shipped apart into batches of the columns."""
        import pyarrow as pa

        held: list[Any] = []
        rows = 0
        for batch in batches:
            held.append(batch)
            rows += len(batch)
            if rows >= _ROWS:
                yield from self._apart(pa.Table.from_batches(held))
                held, rows = [], 0
        if held:
            yield from self._apart(pa.Table.from_batches(held))

    def _apart(self, table: Any) -> Iterator[Any]:
        import pyarrow as pa

        columns = table.columns
        found = columns[: len(self.alone)]
        for pair, column in zip(self.pairs, columns[len(self.alone) :], strict=False):
            kinds = [self.kinds[name] for name in pair]
            found += _numbers_apart(column, kinds)
        if self.texts:
            found += _texts_apart(columns[-1], len(self.texts))
        yield from pa.Table.from_arrays(found, names=list(self.names)).to_batches()

    def _number(self, name: str, column: str) -> str:
        import pyarrow as pa

        return f"unix_date({column})" if pa.types.is_date32(self.kinds[name]) else column


# --------------------------------------------------------------------------------- in Spark


def _pair(high: str, low: str) -> str:
    """Write two numbers as one."""
    near = f"greatest(least({high}, {_FURTHEST}), {-_FURTHEST})"
    first = f"bigint(if({high} is null, {_NONE}, {near}))"
    return f"shiftleft({first}, {_BITS}) | ifnull(bigint({low}) + {_ABOVE_ZERO}, 0)"


def _row(columns: Sequence[str]) -> str:
    """Write texts as one binary."""
    between, missing = (f"X'{one.hex().upper()}'" for one in (_BETWEEN, _MISSING))
    return (
        f"concat({f', {between}, '.join(f'ifnull(binary({one}), {missing})' for one in columns)})"
    )


# ------------------------------------------------------------------------------- in a worker


def _numbers_apart(column: Any, kinds: Sequence[Any]) -> list[Any]:
    import pyarrow as pa

    both = column.to_numpy()
    high = (both >> _BITS).astype(np.int32)
    low = both & ((1 << _BITS) - 1)
    missing = high == _NONE, low == 0
    numbers = high, (low - _ABOVE_ZERO).astype(np.int32)
    return [
        pa.array(own, mask=none if none.any() else None).cast(kind)
        for own, none, kind in zip(numbers, missing, kinds, strict=True)
    ]


def _texts_apart(column: Any, texts: int) -> Iterator[Any]:
    import pyarrow as pa

    coded = column.combine_chunks().dictionary_encode()
    written = [one.split(_BETWEEN, texts - 1) for one in coded.dictionary.to_pylist()]
    place = coded.indices.to_numpy()
    for row in zip(*written, strict=True):
        words: dict[bytes, int] = {}
        own = [-1 if one == _MISSING else words.setdefault(one, len(words)) for one in row]
        codes = np.array(own, np.int32).take(place)
        # Bytes that are no text are found where text is read, like those of any other column.
        text = pa.array(list(words), pa.binary()).view(pa.string())
        missing = codes < 0 if -1 in own else None
        yield pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), text)
