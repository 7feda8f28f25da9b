"""The list as it lives: tables and forms in, joins and withdrawals, numbers that stay, anonymity by construction.

`plan_import` takes tables against a letter's list; `add`, `withdraw` and `rename` are for single signatories. All of
them take a `State` and give the new bytes of the files that change; nothing here reads or writes a disk.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
