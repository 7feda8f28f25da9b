"""Sources to Letter: the folder's files parsed at the boundary, with every fault in them as a finding.

`read_letter` gives as much of the letter as can be made out, so that `check` can speak of all of it in one go; a
letter with an error among its findings is for looking at, never for printing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
