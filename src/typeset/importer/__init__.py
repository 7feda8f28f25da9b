"""Raw text to a letter folder: the importer undoes what an extraction does, and writes down every doubt.

It knows how text comes out of PDF files and word processors in general. It never corrects what a person may have
typed on purpose: that is a finding, and a decision.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
