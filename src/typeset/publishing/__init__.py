"""From a letter to a signed-off edition: a proposal, its approvals, the final files, the signatures on them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
