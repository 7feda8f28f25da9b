from .answers import (
    Answered as Answered,
    answer as answer,
    answerable as answerable,
    apply as apply,
    is_stale as is_stale,
    may_stand as may_stand,
    proposed_words as proposed_words,
    takes_words as takes_words,
)
from .batch import (
    match as match,
    read_answers as read_answers,
    template as template,
)
from .file import (
    FILE as FILE,
    Decision as Decision,
    append as append,
    entry as entry,
    quoted as quoted,
    read_decisions as read_decisions,
    without as without,
)
from .questions import (
    Answer as Answer,
    Explanation as Explanation,
    Walk as Walk,
    explained as explained,
    same_text as same_text,
)
from .session import (
    END as END,
    WHO as WHO,
    Session as Session,
    answers_form as answers_form,
    asking_order as asking_order,
    open_findings as open_findings,
    open_session as open_session,
    record_answer as record_answer,
    record_answers as record_answers,
)
from .trial import CheckedFolder as CheckedFolder
