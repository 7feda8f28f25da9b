"""Sign-off: signed statements over the digest of a manifest, held against the policy of the letter.

Pure: statements are bytes, keys are behind a signer that is passed in, and the hour is told by who calls.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
