"""Pictures (extra ``plot``): axes in, axes out, no style is changed.

One member's days with the fills behind them, a population under the four definitions of daily
MME, one population under several editions; the answers to the criteria of opioid use disorder with
the bands that they leave open. Colours can be told apart with any colour vision
and in grey. Lines at 50 and 90 are reference points of programmes for review, nothing more.
"""

from __future__ import annotations

from opsafe.plot._member import member_timeline
from opsafe.plot._oud import criteria
from opsafe.plot._population import definitions, editions

__all__ = ["criteria", "definitions", "editions", "member_timeline"]
