from .commit import (
    Receipt as Receipt,
    deposit as deposit,
    finish as finish,
    latest as latest,
)
from .export import (
    Exported as Exported,
    export_edition as export_edition,
    restore_letter as restore_letter,
    snapshot as snapshot,
)
from .fixity import (
    FixityResult as FixityResult,
    Milestone as Milestone,
    contents as contents,
    verify as verify,
    verify_archive as verify_archive,
)
from .ocfl import (
    EditionName as EditionName,
    is_letter_id as is_letter_id,
    read_edition_name as read_edition_name,
)
from .reader import (
    ArchivedEdition as ArchivedEdition,
    edition_name as edition_name,
    editions as editions,
    editions_until as editions_until,
    find_edition as find_edition,
    object_ids as object_ids,
    open_edition as open_edition,
)
from .record import (
    APPROVALS as APPROVALS,
    FACES as FACES,
    FINAL as FINAL,
    KINDS as KINDS,
    MANIFEST as MANIFEST,
    PROGRAM as PROGRAM,
    PROOF as PROOF,
    SOURCES as SOURCES,
    About as About,
    Deposit as Deposit,
    Record as Record,
    SignOffRecord as SignOffRecord,
    archive_folder as archive_folder,
    described as described,
)
from .report import write_report as write_report
from .states import (
    compare_states as compare_states,
    difference as difference,
    of_edition as of_edition,
    of_sources as of_sources,
    pdfs_of as pdfs_of,
    write_comparison as write_comparison,
)
from .storage import (
    Root as Root,
    is_vacant as is_vacant,
    open_root as open_root,
    resolved_folder as resolved_folder,
)
