"""What changed between two states of a letter: pure comparison, then the same told as text, as data, as a page."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
