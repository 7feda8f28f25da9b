"""Keys, clocks and services: identities that sign, seals on finished files.

pyHanko is imported where it is used and nowhere else: a build that signs nothing does not pay for it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
