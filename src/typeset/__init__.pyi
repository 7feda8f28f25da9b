from .api import (
    CheckReport as CheckReport,
    build as build,
    check as check,
    deliver as deliver,
    open_letter as open_letter,
    publish as publish,
    verify as verify,
)
from .delivery import DeliveryReport as DeliveryReport
from .diagnostics import (
    Finding as Finding,
    LetterError as LetterError,
    Location as Location,
    Severity as Severity,
)
from .pipeline import Artifact as Artifact
from .project import (
    BuildReport as BuildReport,
    Project as Project,
)
from .publishing import Release as Release
from .verification import (
    ProofItem as ProofItem,
    ProofStatus as ProofStatus,
    Verdict as Verdict,
)

__all__: list[str]
__version__: str
