"""Joint letters, typeset: raw text and a signatory list in; checked, archival, accessible PDF and HTML out.

``typeset.build("content/my-letter")`` builds a letter. What `__all__` names is promised to other programs, and nothing
else is: docs/api.md has it with examples.
"""

import lazy_loader

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
