"""Faces: which there are, which of them sets what, and their subsets.

The line runs `open_catalogue` → `plan_faces` → `subsets` → `shaped_otherwise`; the rest is for people.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
