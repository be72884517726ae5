"""Tenancy: one database for many practices, kept apart by the database itself (ADR 0003)."""
