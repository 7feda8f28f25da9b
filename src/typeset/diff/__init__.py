"""What changed between two states of a letter: the comparison, and its output as text, as data and as a page."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
