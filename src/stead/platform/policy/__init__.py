"""The policy engine behind gates: typed facts, clauses in CEL, three-valued answers that explain themselves.

Read `gates.py` first, then `evaluate.py`. Pure Python: no Django, no clock, no settings.
"""
