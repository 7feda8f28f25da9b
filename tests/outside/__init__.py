"""Drivers of programs that are not ours, so that what we make is judged by others too.

Where a program is missing, a test that needs it is skipped with the reason; in continuous integration it fails.
"""
