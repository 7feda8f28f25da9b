"""Who a letter is delivered to: a list of recipients, with ready sets of those whom the United Nations knows by name.

What a row of the list leaves empty, the data beside this file fill in: names of States, offices, and the conventions of
formal address by office and language. Whoever is returned can be addressed; whoever cannot is a finding.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
