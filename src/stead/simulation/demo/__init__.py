"""The demo practice: Linden Street Counseling, 26 weeks into its life, with faults that the product should show.

Everybody and everything in it is invented. The structure is made by the product's own actions on a driven clock; the
history is bulk-loaded under the same constraints and triggers, and `stead verify` checks it like any other practice.

Planted: a desk that nobody holds, a practitioner behind on notes, seven denials with one cause, patients who were ready
and never booked, two claims that no payer answers, decisions that only the owner can take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stead.simulation.demo.create import DemoPractice


def create_demo_practice(progress: Callable[[str], None] = lambda words: None, weeks: int = 26) -> DemoPractice:
    """Make the demo practice, as administrator, with Django loaded. Its faults want nine weeks of past at least."""
    from stead.simulation.demo import create

    return create.create_demo_practice(progress, weeks)
