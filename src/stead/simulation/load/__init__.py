"""A practice of any size and age, for measuring: `stead simulate load --clinicians N --years Y`.

Structure comes from the product's actions, the history from set-based SQL under all constraints and triggers of the
product, and `stead verify` holds on it like on any practice. Everybody in it is invented.
"""
