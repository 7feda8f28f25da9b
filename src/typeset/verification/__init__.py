"""Proof for anyone who holds a finished file: who signed it, what they agreed to, and that it says just that.

Everything happens offline, with the file alone. Whose word counts for the signer's name is for the reader to say: the
roots are theirs.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
