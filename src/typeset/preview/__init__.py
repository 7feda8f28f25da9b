"""The local web app: the true pages, what is to be said of them, alive while somebody writes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
