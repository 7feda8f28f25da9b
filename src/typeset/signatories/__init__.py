"""The list as it lives: tables and forms in, joins and withdrawals, numbers that stay, anonymity by construction.

`plan_import` takes tables against a letter's list; `add`, `withdraw` and `rename` are for single signatories. All of
them take a `ListState` and give the new bytes of the files that change. `import_tables` does the whole for a folder;
`read_list` and `write_list` are around the others.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
