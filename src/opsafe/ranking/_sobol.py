"""Sobol points, their digits shifted at random: numbers that fill a cube more evenly than chance.

The directions are those of Joe and Kuo (SIAM Journal on Scientific Computing 2008;30(5):2635-2654,
table new-joe-kuo-6). They serve twelve dimensions; further ones are plain random numbers, since at
that many even points gain nothing over chance.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from opsafe.quantity import FloatArray, IntArray
from opsafe.uncertainty import uniforms

__all__ = ["sobol"]

_BITS: Final = 30
# Primitive polynomial, as the bits of its coefficients, and first direction numbers.
_DIRECTIONS: Final = (
    (0b11, (1,)),
    (0b111, (1, 3)),
    (0b1011, (1, 3, 1)),
    (0b1101, (1, 1, 1)),
    (0b10011, (1, 1, 3, 3)),
    (0b11001, (1, 3, 5, 13)),
    (0b100101, (1, 1, 5, 5, 17)),
    (0b101001, (1, 1, 5, 5, 5)),
    (0b101111, (1, 1, 7, 11, 19)),
    (0b110111, (1, 1, 5, 1, 1)),
    (0b111011, (1, 1, 1, 3, 11)),
)


def sobol(seed: int, name: str, draws: int, dimensions: int, *, block: int = 0) -> FloatArray:
    """Return points strictly between 0 and 1, shape (draws, dimensions).

    Fewer draws are the first of more. Blocks of a power of two go on where the last one ended.
    """
    even = min(dimensions, len(_DIRECTIONS) + 1)
    directions = _directions()[:, :even]
    bits = (draws - 1).bit_length()
    whole = np.empty((1 << bits, even), np.int64)
    whole[0] = (uniforms(seed, name, even) * 2.0**_BITS).astype(np.int64)
    for bit in range(bits, _BITS):
        if (block << bits) >> bit & 1:
            whole[0] ^= directions[bit]
    for bit in range(bits):
        np.bitwise_xor(whole[: 1 << bit], directions[bit], out=whole[1 << bit : 2 << bit])
    points = (whole[:draws] + 0.5) * 2.0**-_BITS
    if even < dimensions:
        plain = uniforms(seed, f"{name} plain {block}", draws * (dimensions - even))
        points = np.hstack([points, plain.reshape(draws, -1)])
    return np.asarray(points, np.float64)


@cache
def _directions() -> IntArray:
    """Return direction numbers by bit and dimension; the first dimension is reversed bits."""
    found = np.empty((_BITS, len(_DIRECTIONS) + 1), np.int64)
    found[:, 0] = 1 << np.arange(_BITS - 1, -1, -1)
    for dimension, (polynomial, first) in enumerate(_DIRECTIONS, start=1):
        degree = polynomial.bit_length() - 1
        numbers = list(first)
        while len(numbers) < _BITS:
            following = numbers[-degree] ^ (numbers[-degree] << degree)
            for back in range(1, degree):
                if polynomial >> (degree - back) & 1:
                    following ^= numbers[-back] << back
            numbers.append(following)
        found[:, dimension] = [
            number << (_BITS - 1 - bit) for bit, number in enumerate(numbers[:_BITS])
        ]
    found.flags.writeable = False
    return found
