"""Faces: the catalogue, the choice of a face for each character, and subsets.

The steps are `open_catalogue` → `plan_faces` → `subsets` → `shaped_otherwise`; the rest is for commands.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
