"""Recorded answers to findings: read, held against what is found today, applied to what is printed, written down.

A decision answers the finding with its code, subject and evidence. When the text it was taken on has changed it is
stale: it answers nothing, changes nothing, and is itself a finding.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
