from .archive_edition import (
    kept_of as kept_of,
    restored as restored,
    sources_of as sources_of,
)
from .edition import (
    final_files as final_files,
    proofs as proofs,
    record_name as record_name,
    sign_off as sign_off,
)
from .predecessor import (
    SincePredecessor as SincePredecessor,
    record_changes as record_changes,
    refuse_other_record as refuse_other_record,
    since_predecessor as since_predecessor,
)
from .proposal import (
    Proposal as Proposal,
    SignOffStatus as SignOffStatus,
    approve as approve,
    cannot_confirm as cannot_confirm,
    proposal_of as proposal_of,
    propose as propose,
    sign_off_status as sign_off_status,
    write_proof as write_proof,
)
from .release import (
    Release as Release,
    release_edition as release_edition,
)
from .seals import (
    SealContext as SealContext,
    seal_place as seal_place,
)
