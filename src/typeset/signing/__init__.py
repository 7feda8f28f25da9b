"""Keys, clocks and services: identities that sign, seals on finished files.

pyHanko is imported only where it is used, so that a build without signing loads faster.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
