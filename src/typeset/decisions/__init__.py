"""Decisions: recorded answers to findings, and what they print instead of the typed text.

A decision answers the finding with the same code, subject and evidence. When that text changes, the decision is stale:
it answers nothing, changes nothing, and is a finding itself.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
