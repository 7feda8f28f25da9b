"""Verification of a finished file: who signed it, what they approved, and whether its pages say exactly that.

It needs only the file and no network. The reader decides which root certificates to trust.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
