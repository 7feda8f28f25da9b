"""The program itself as files: its wheels without faces and the lock of its dependencies, as an edition keeps them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
