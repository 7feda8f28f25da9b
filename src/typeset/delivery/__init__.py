"""Addressed copies of a published edition: one for each recipient, each read back before it counts."""
