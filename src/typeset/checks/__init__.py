"""What can be said of a letter without rendering it: every finding at once.

A detector is a function from a `CheckContext` to findings; `registry` lists them. An error is
what a letter must not go out with undecided; a warning is worth a decision; a note is a suggestion.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
