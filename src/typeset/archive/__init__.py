"""The archive: every edition kept for good, in an OCFL 1.1 storage root: a letter an object, an edition a version.

`deposit` is the only way in. What was archived is never changed; the rooms here are `commit` (in), `reading` (out),
`fixity` (is it what it was), `export` and `bag` (handed over), `report` (seen at a glance).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
