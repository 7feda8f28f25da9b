"""Sign-off: signed statements over the digest of a manifest, compared with the policy of the letter.

It opens no file and reads no clock: statements are bytes, and the caller passes the signer and the time.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
