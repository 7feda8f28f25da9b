"""Tables as others made them: the bytes of CSV and XLSX files to sheets of rows, without trusting any of them.

Nothing is unpacked before its declared sizes are looked at, nothing is parsed before it is known to declare no document
type, and no more is read than `Limits` allow. Rows come one by one, so that a long list is never in memory as a whole.
What cannot be read is a finding with its file, sheet, row and cell; the words of a cell are never part of one, since
nobody knows yet which of them are somebody's address.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
