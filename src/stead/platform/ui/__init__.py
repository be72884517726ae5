"""The design system: words, marks, charts and page rendering that every room uses.

How to write a page with it: docs/ui.md. Every part in every state: /design.
"""
