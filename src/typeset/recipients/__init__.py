"""The recipients of a letter: a list, with ready sets of States and offices of the United Nations.

The data beside this file fill in what a row leaves empty: names of States, offices, and forms of address by office and
language. A recipient who cannot be addressed is a finding.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
