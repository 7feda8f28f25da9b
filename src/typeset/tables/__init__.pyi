from .formats import open_tables as open_tables
from .sheet import (
    Odd as Odd,
    Sheet as Sheet,
    SheetRow as SheetRow,
    fault as fault,
)
