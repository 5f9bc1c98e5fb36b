"""Erlang's formulas in their continuous form, so that 18.7 prescribers are 18.7 and not 19.

Each formula is one integral of a function that rises to a single peak and falls. It is taken from
the peak outwards, in units of the peak, to where it has fallen by e^-45. So nothing overflows,
underflows or cancels: not for loads of 1e5, and not where almost nobody, or everybody, leaves the
queue. Rates are per day, waits in days; the caller has checked every number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from opsafe.quantity import FloatArray

__all__ = ["Queue", "blocking", "delay", "queue"]

_FALL: Final = 45.0  # e^-45 is below the rounding of a float by a factor of 10,000

# The tanh-sinh rule on (0, 1): its points crowd at both ends, so that a peak of any width at the
# near end is met by enough of them.
_STEPS: Final = np.linspace(-3.2, 3.2, 201)
_SINH: Final = math.pi / 2 * np.sinh(_STEPS)
_POINTS: Final = 1 / (1 + np.exp(-2 * _SINH))
_WEIGHTS: Final = (
    (_STEPS[1] - _STEPS[0]) * math.pi / 4 * np.cosh(_STEPS) / np.cosh(_SINH) ** 2
)  # fmt: skip


def blocking(load: float, servers: float) -> float:
    """Erlang B: the share turned away where nobody waits.

    Parameters
    ----------
    load : float
        Arrivals over the rate of one server; at least 0.
    servers : float
        At least 0, whole or not.

    Notes
    -----
    B = a^c e^(-a) / Gamma(c + 1, a) [1]_, with the upper incomplete gamma function; as an
    integral, 1 / B = a int_0^inf e^(-a t) (1 + t)^c dt.

    References
    ----------
    .. [1] Erlang's formulas with fractional servers: a request of users.
       https://github.com/rodrigo-arenas/pyworkforce/issues/41
    """
    if load == 0:
        return 0.0
    peak, scaled = _inverse_blocking(load, servers)
    return min(1.0, math.exp(-peak) / scaled)


def delay(load: float, servers: float) -> float:
    """Erlang C: the share that waits at all; 1 where the load is not below the servers.

    Notes
    -----
    C = B / (1 - rho (1 - B)) with rho = load / servers.
    """
    if load >= servers:
        return 1.0
    if load == 0:
        return 0.0
    peak, scaled = _inverse_blocking(load, servers)
    falling = math.exp(-peak)
    return min(1.0, falling / (load / servers * falling + (servers - load) / servers * scaled))


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue in its steady state.

    The offered wait is that of somebody who would stay however long it takes; a person who leaves
    earlier is never seen.
    """

    waits: float
    """Share of requests that find everybody busy."""
    leaves: float
    """Share of requests that leave before they are seen."""
    mean_wait: float
    """Mean days of all requests until they are seen or leave; infinite where it is unstable."""
    utilisation: float
    """Share of the servers that is busy."""
    unstable: bool
    spare: float = 0.0
    """Capacity less arrivals, a day; without reneging."""
    offer: _Offer | None = None
    """The offered wait of those who wait, with reneging, and the integral of its density."""
    offer_total: float = math.nan

    def offered(self, days: float) -> float:
        """Share of requests with an offered wait of at most some days."""
        if self.offer is None:
            return 1 - self.waits * math.exp(-self.spare * days)
        return self._with_those_at_once(float(self.offer.masses(days)[1].sum()))

    def seen(self, days: float) -> float:
        """Share of requests seen within some days; who has left by then is not seen."""
        if self.offer is None:
            return self.offered(days)
        waits, masses = self.offer.masses(days)
        return self._with_those_at_once(float(masses @ np.exp(-self.offer.reneging * waits)))

    def seen_same_day(self) -> float:
        """Share seen by the end of their day, where requests come evenly over the day.

        Notes
        -----
        The mean of ``seen(u)`` over u from 0 to 1, so that a wait of w < 1 days counts 1 - w.
        """
        if self.offer is None:
            mean = -math.expm1(-self.spare) / self.spare if self.spare else 1.0
            return 1 - self.waits * mean
        waits, masses = self.offer.masses(1.0)
        staying = (1 - waits) * np.exp(-self.offer.reneging * waits)
        return self._with_those_at_once(float(masses @ staying))

    def _with_those_at_once(self, mass: float) -> float:
        return min(1.0, 1 - self.waits + self.waits * mass / self.offer_total)


def queue(arrivals: float, rate: float, servers: float, reneging: float) -> Queue:
    """Solve the queue: Erlang C without reneging, Erlang A with it.

    Parameters
    ----------
    arrivals : float
        Requests a day; at least 0.
    rate : float
        Requests that one server sees a day; above 0.
    servers : float
        At least 0, whole or not.
    reneging : float
        Rate a day at which one who waits leaves; 0 if nobody does.

    Notes
    -----
    Erlang C: P(W > t) = C e^(-(c mu - lambda) t); mean wait C / (c mu - lambda).

    Erlang A: x = c mu / theta, y = lambda / theta, A = 1F1(1; x + 1; y) = x e^y y^(-x) gamma(x, y),
    P(W > 0) = A B / (1 + (A - 1) B). The offered wait v > 0 has a density in proportion to
    e^(y (1 - e^(-theta v)) - c mu v), whose integral is A / (c mu); a person offered v stays with
    probability e^(-theta v). P(leave | W > 0) is the mean of 1 - e^(-theta v), and equals
    1 / (rho A) + 1 - 1 / rho; E[W] = P(leave) / theta.
    """
    capacity = servers * rate
    if arrivals == 0:
        return Queue(0.0, 0.0, 0.0, 0.0, unstable=False)
    if capacity == 0 and reneging > 0:  # everybody leaves
        return Queue(1.0, 1.0, 1 / reneging, 1.0, unstable=False)
    if reneging > 0:
        return _with_reneging(arrivals, rate, servers, reneging)
    spare = capacity - arrivals
    if spare <= 0:
        return Queue(1.0, 0.0, math.inf, 1.0, unstable=True)
    waits = delay(arrivals / rate, servers)
    return Queue(waits, 0.0, waits / spare, arrivals / capacity, unstable=False, spare=spare)


def _with_reneging(arrivals: float, rate: float, servers: float, reneging: float) -> Queue:
    capacity = servers * rate
    offer = _Offer.of(arrivals, capacity, reneging)
    waits, masses = offer.masses(math.inf)
    total, given_up = float(masses.sum()), -float(masses @ np.expm1(-reneging * waits))
    peak, scaled = _inverse_blocking(arrivals / rate, servers)
    share = 1.0
    if (others := scaled - math.exp(-peak)) > 0:  # 1 / B - 1, in units of e^peak
        share = _logistic(offer.log_peak + math.log(capacity * total) - peak - math.log(others))
    leaves = min(1.0, share * given_up / total)
    return Queue(
        waits=share,
        leaves=leaves,
        mean_wait=leaves / reneging,
        utilisation=min(1.0, arrivals / capacity * (1 - leaves)),
        unstable=False,
        offer=offer,
        offer_total=total,
    )


def _logistic(log_odds: float) -> float:
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)


@dataclass(frozen=True, slots=True)
class _Offer:
    """The offered wait of those who must wait: its density, in units of the peak's height.

    With r days after the peak its logarithm is -slope r - scale (e^(-theta r) - 1 + theta r), with
    slope = max(0, c mu - lambda) and scale = min(c mu, lambda) / theta.
    """

    reneging: float
    slope: float
    scale: float
    peak: float
    """Days at which it is highest; 0 where the load is below the servers."""
    log_peak: float
    before: float
    """Days before the peak at which it begins to count."""
    after: float

    @classmethod
    def of(cls, arrivals: float, capacity: float, reneging: float) -> _Offer:
        """Place the peak and the ends."""
        slope = max(0.0, capacity - arrivals)
        scale = min(capacity, arrivals) / reneging
        above = math.log1p(max(0.0, arrivals - capacity) / capacity)
        # Both ends come from bounds: e^-z - 1 + z >= z^2 / (2 + z), and
        # e^z - 1 - z >= z^2 / 2 and >= e^z (1 - 1/e) - 1.
        after = _positive_root(capacity * reneging, 2 * slope - _FALL * reneging, 2 * _FALL)
        before = min(above, math.sqrt(2 * _FALL / scale), math.log1p(_FALL / scale) + 0.46)
        return cls(
            reneging=reneging,
            slope=slope,
            scale=scale,
            peak=above / reneging,
            log_peak=scale * (math.expm1(above) - above),
            before=before / reneging,
            after=after,
        )

    def masses(self, days: float) -> tuple[FloatArray, FloatArray]:
        """Return points of the wait from 0 to some days, and the mass of the density at each."""
        near = max(0.0, self.peak - days)
        distance, width = _points(
            (-near, min(0.0, near - self.before)),
            (0.0, max(0.0, min(self.after, days - self.peak))),
        )
        z = self.reneging * distance
        fallen = self.slope * distance + self.scale * (np.expm1(-z) + z)
        return self.peak + distance, width * np.exp(-fallen)


def _inverse_blocking(load: float, servers: float) -> tuple[float, float]:
    """Return p and s with 1 / B = s e^p; p is 0 where the load is at or above the servers.

    Notes
    -----
    For a >= c the peak is at t = 0 and 1 / B = a int e^(-(a - c) t - c (t - log(1 + t))) dt. For
    a < c it is at t = c / a - 1; with q = (t - peak) a / c the logarithm is -c (q - log(1 + q)).
    """
    slope, above = max(0.0, load - servers), max(0.0, servers - load)
    # From t - log(1 + t) >= t^2 / (2 + 2 t) above 0, and >= t^2 / 2 below.
    after = _positive_root(2 * slope + servers, 2 * slope - 2 * _FALL, 2 * _FALL)
    before = min(above / servers, math.sqrt(2 * _FALL / servers)) if above else 0.0
    distance, width = _points((0.0, -before), (0.0, after))
    fallen = slope * distance + servers * (distance - np.log1p(distance))
    scaled = max(load, servers) * float(width @ np.exp(-fallen))
    return servers * math.log1p(above / load) - above, scaled


def _points(back: tuple[float, float], forth: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
    """Return points and widths on two ranges, each a start and a signed length.

    They crowd at both ends of each range: what is integrated may be steep there.
    """
    ranges = [(start, length) for start, length in (back, forth) if length]
    if not ranges:
        return np.zeros(0), np.zeros(0)
    return (
        np.concatenate([start + length * _POINTS for start, length in ranges]),
        np.concatenate([abs(length) * _WEIGHTS for _, length in ranges]),
    )


def _positive_root(square: float, linear: float, constant: float) -> float:
    """Solve square x^2 + linear x = constant for the positive x, without cancelling."""
    root = math.hypot(linear, 2 * math.sqrt(square * constant))
    return (root - linear) / (2 * square) if linear < 0 else 2 * constant / (linear + root)
