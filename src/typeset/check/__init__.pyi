from .letter import (
    BEGUN as BEGUN,
    UNFIT as UNFIT,
    check_changes as check_changes,
)
from .registry import (
    check as check,
    check_printed as check_printed,
    rules as rules,
)
from .titles import scrambled_title as scrambled_title
from .vocabulary import (
    fold as fold,
    folded_words as folded_words,
    words as words,
)
