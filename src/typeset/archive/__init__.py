"""The archive keeps every edition in an OCFL 1.1 storage root: a letter is an object, an edition is a version.

Only `deposit` adds to it. What was archived is never changed. Modules: `commit` writes, `reader` reads, `fixity` checks
that nothing changed, `export` hands editions over (a bag, too), `report` shows them on one page.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
