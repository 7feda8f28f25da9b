"""Letter to markup: the look's templates, filled with the letter's text. Names and body are data, never templates."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
