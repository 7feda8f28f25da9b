from .letter import (
    read_letter as read_letter,
    with_versions as with_versions,
)
from .policies import (
    ROLES as ROLES,
    SEVERAL as SEVERAL,
    Columns as Columns,
    Intake as Intake,
    ListPolicy as ListPolicy,
    Order as Order,
    heading as heading,
)
from .settings import (
    Settings as Settings,
    read_settings as read_settings,
)
from .signatories import (
    COLUMNS as COLUMNS,
    FORMER_FILE as FORMER_FILE,
    LIST_FILE as LIST_FILE,
    Became as Became,
    Former as Former,
    former_file as former_file,
    passages_in as passages_in,
    read_former as read_former,
    read_signatories as read_signatories,
    spans as spans,
)
from .toml import (
    LETTER_FILE as LETTER_FILE,
    decoded as decoded,
)
