"""Markup and faces to files: one function an output."""
