from .catalogue import (
    Catalogue as Catalogue,
    Face as Face,
    Slot as Slot,
    gaps as gaps,
    merged as merged,
)
from .coverage import (
    WordsToSet as WordsToSet,
    told_of_language as told_of_language,
    told_once as told_once,
)
from .files import (
    NAME as NAME,
    catalogue_of as catalogue_of,
    open_catalogue as open_catalogue,
)
from .intake import (
    AddedFace as AddedFace,
    FaceReport as FaceReport,
    Need as Need,
    add_face as add_face,
    add_face_file as add_face_file,
    coverage_report as coverage_report,
    needs as needs,
)
from .plan import (
    Cut as Cut,
    FacePlan as FacePlan,
    Replanning as Replanning,
    SlotRange as SlotRange,
    plan_faces as plan_faces,
)
from .shape_comparison import shaped_otherwise as shaped_otherwise
from .subset import (
    Cache as Cache,
    Flavour as Flavour,
    FolderCache as FolderCache,
    MemoryCache as MemoryCache,
    Subset as Subset,
    subsets as subsets,
)
