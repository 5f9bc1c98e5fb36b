"""Draws that a seed repeats: each parameter has a stream of its own, named by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

import numpy as np

from opsafe._arguments import plain, read_number, read_whole
from opsafe._distributions import Distribution, Fixed
from opsafe._joint import Correlated, Dirichlet
from opsafe.errors import ArgumentError, ArgumentTypeError
from opsafe.quantity import FloatArray

__all__ = ["draw_all", "means_of", "read_draws", "read_seed", "uniforms"]

MOST_DRAWS: Final = 1_000_000
_BITS: Final = 52  # with half a step more they still fit a float, and never reach 1
_KINDS: Final[tuple[Any, ...]] = get_args(get_args(Distribution)[0])


def uniforms(seed: int, name: str, draws: int) -> FloatArray:
    """Return uniform numbers strictly between 0 and 1, of a stream that a name has to itself.

    Parameters
    ----------
    seed : int
        Seed of the run, 0 or more.
    name : str
        Name of the parameter.
    draws : int
        How many.

    Returns
    -------
    array of float, shape (draws,)
        The same for the same seed and name; more draws go on where fewer end.

    Notes
    -----
    (k + 1/2) / 2**52 with k the high 52 bits of PCG64, seeded with the seed and the name's bytes.

    Examples
    --------
    >>> [round(float(u), 4) for u in uniforms(7, "panel", 2)]
    [0.8555, 0.2377]
    """
    stream = np.random.PCG64(np.random.SeedSequence([seed, *name.encode()]))
    drawn: FloatArray = (
        (stream.random_raw(draws) >> np.uint64(64 - _BITS)).astype(np.float64) + 0.5
    ) * 2.0**-_BITS
    return drawn


def draw_all(
    parameters: Mapping[str, Distribution | float],
    *,
    seed: int,
    draws: int,
    joint: Iterable[Dirichlet | Correlated] = (),
) -> dict[str, FloatArray]:
    """Draw every parameter from the stream of its name, those of a group together.

    Parameters
    ----------
    parameters : mapping of str to Distribution or float
        Each parameter; a number is taken as known.
    seed : int
        Seed of the run, 0 or more.
    draws : int
        How many, 1 to a million.
    joint : iterable of Dirichlet or Correlated, optional
        Shares of a whole, which are parameters besides, and groups of ``parameters`` that move
        together. A name stands in one of them at most.

    Returns
    -------
    dict of str to array of float
        Shape (draws,), or () for what is known; in the order of ``parameters``, then of ``joint``.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If a parameter is no distribution, or a group names one that is unknown, known for certain
        or in another group.

    Notes
    -----
    Adding a parameter or a group leaves the draws of the others as they were.

    Examples
    --------
    >>> from opsafe.uncertainty import Gamma
    >>> drawn = draw_all({"visit_usd": Gamma(mean=90, sd=9), "share": 0.2}, seed=1, draws=3)
    >>> drawn["visit_usd"].shape, float(drawn["share"])
    ((3,), 0.2)
    """
    root, number = read_seed(seed), read_draws(draws)
    found, groups = _read(parameters), tuple(joint)
    _check_groups(found, groups)
    shares = {
        name: uniforms(root, name, number)
        for name, each in found.items()
        if not isinstance(each, Fixed)
    }
    for group in groups:
        if isinstance(group, Correlated):
            together = group.correlate(np.array([shares[name] for name in group.names]))
            shares |= zip(group.names, together, strict=True)
    drawn = {
        name: np.asarray(each.value) if isinstance(each, Fixed) else each.quantile(shares[name])
        for name, each in found.items()
    }
    for group in groups:
        if isinstance(group, Dirichlet):
            own = np.array([uniforms(root, name, number) for name in group.names])
            drawn |= zip(group.names, group.quantile(own), strict=True)
    return drawn


def means_of(
    parameters: Mapping[str, Distribution | float],
    *,
    joint: Iterable[Dirichlet | Correlated] = (),
) -> dict[str, float]:
    """Return the mean of every parameter, in the order and under the checks of :func:`draw_all`.

    Parameters
    ----------
    parameters : mapping of str to Distribution or float
        Each parameter.
    joint : iterable of Dirichlet or Correlated, optional
        What is uncertain together.

    Returns
    -------
    dict of str to float
        In the unit of each parameter.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        As :func:`draw_all`.

    Examples
    --------
    >>> from opsafe.uncertainty import Dirichlet
    >>> means_of({"rate": 2}, joint=[Dirichlet(names=("stay", "leave"), alpha=(3, 1))])
    {'rate': 2.0, 'stay': 0.75, 'leave': 0.25}
    """
    found, groups = _read(parameters), tuple(joint)
    _check_groups(found, groups)
    means = {name: float(each.mean) for name, each in found.items()}
    for group in groups:
        if isinstance(group, Dirichlet):
            means |= group.mean
    return means


def read_seed(seed: object) -> int:
    """Read a seed: a whole number from 0 up to 2**63 - 1."""
    return read_whole(seed, "seed", 0, 2**63 - 1)


def read_draws(draws: object) -> int:
    """Read a number of draws: a whole number from 1 up to a million."""
    return read_whole(draws, "draws", 1, MOST_DRAWS)


def _read(parameters: object) -> dict[str, Any]:
    """Every parameter as a distribution; numbers become fixed ones."""
    if not isinstance(parameters, Mapping):
        raise ArgumentTypeError(
            "is not a mapping of names to distributions",
            where="parameters",
            value=type(parameters).__name__,
        )
    found: dict[str, Any] = {}
    for name, each in parameters.items():
        if not isinstance(name, str) or not name:
            raise ArgumentTypeError("has a name that is no text", where="parameters")
        if isinstance(each, _KINDS):
            found[name] = each
        elif isinstance(plain(each), int | float):
            found[name] = Fixed(value=read_number(each, f"parameters[{name!r}]", -1e12, 1e12))
        else:
            raise ArgumentTypeError(
                "is neither a distribution nor a number",
                where=f"parameters[{name!r}]",
                value=type(each).__name__,
            )
    return found


def _check_groups(parameters: Mapping[str, Any], groups: tuple[Any, ...]) -> None:
    seen: set[str] = set()
    for place, group in enumerate(groups):
        where = f"joint[{place}]"
        if not isinstance(group, Dirichlet | Correlated):
            raise ArgumentTypeError(
                "is neither a Dirichlet nor a Correlated", where=where, value=type(group).__name__
            )
        for name in group.names:
            if name in seen:
                raise ArgumentError(f"names {name!r}, which another group has", where=where)
            seen.add(name)
            if isinstance(group, Dirichlet):
                if name in parameters:
                    raise ArgumentError(f"has a share {name!r}, as parameters do", where=where)
            elif name not in parameters:
                raise ArgumentError(
                    f"names {name!r}, which is no parameter", where=where, allowed=parameters
                )
            elif isinstance(parameters[name], Fixed):
                raise ArgumentError(
                    f"names {name!r}, which is known and moves with nothing", where=where
                )
