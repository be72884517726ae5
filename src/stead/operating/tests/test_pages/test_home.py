"""The page Today, one per role: what it says first, and how many queries it takes."""

from __future__ import annotations
