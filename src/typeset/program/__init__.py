"""The program itself as files: what an edition keeps of it, and an environment in which an earlier version runs.

`running_program` gives the wheels and the lock that `publish` archives, `environment` installs archived ones into the
user's cache and returns the Python that runs them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
