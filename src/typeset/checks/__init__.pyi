from .letter import (
    BEGUN as BEGUN,
    OWN_TEMPLATES as OWN_TEMPLATES,
    UNFIT as UNFIT,
    check_changes as check_changes,
    scrambled_title as scrambled_title,
)
from .registry import (
    check as check,
    check_printed as check_printed,
    rules as rules,
)
from .vocabulary import (
    fold as fold,
    folded_words as folded_words,
    words as words,
)
