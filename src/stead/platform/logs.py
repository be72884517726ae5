"""The log's formatter: where a fault happened and of what kind, never what it said.

The text of an exception quotes what broke it: PostgreSQL's DETAIL repeats the failing row, a ValueError the value, a
KeyError the key. All of that may be a patient's. So a fault is logged as its frames (file, line, function) and the
name of its class; for the database also the SQLSTATE and the constraint, which are names of ours.

    psycopg.errors.CheckViolation (23514, service_minutes)
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

import psycopg

Info = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFormatter(logging.Formatter):
    """Format records without the words of exceptions."""

    def formatException(self, ei: Info) -> str:  # noqa: N802  the name is logging's
        chain: list[str] = []
        fault = ei[1]
        while fault is not None:
            chain.insert(0, "".join(traceback.format_tb(fault.__traceback__)) + named(fault))
            fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
        return "\nwhich led to:\n".join(chain)


def named(fault: BaseException) -> str:
    """Return the class of the fault, and of a refusal by the database its code and constraint."""
    name = f"{type(fault).__module__}.{type(fault).__qualname__}"
    if isinstance(fault, psycopg.Error):
        said = ", ".join(part for part in (fault.sqlstate, fault.diag.constraint_name) if part)
        return f"{name} ({said})" if said else name
    return name
