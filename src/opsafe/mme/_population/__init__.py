"""Fills to exposure, one step a module, in the order of the rules.

``read`` judges every row, ``netting`` takes back what was reversed, ``rates`` gives each fill its
daily rate and ``flags`` what to look at, ``spans`` are the days that are looked at, ``measure``
sums fills by day and member, ``members``, ``tally`` and ``report`` lay the result out. ``run``
holds the steps together; the sums themselves are the kernel's.
"""
