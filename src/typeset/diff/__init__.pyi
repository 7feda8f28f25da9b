from .comparison import (
    Decided as Decided,
    Difference as Difference,
    LetterState as LetterState,
    ListChange as ListChange,
    compare as compare,
    list_change as list_change,
    recorded as recorded,
    unstable_numbers as unstable_numbers,
)
from .formats import (
    ReportLine as ReportLine,
    as_data as as_data,
    difference_page as difference_page,
    list_summary as list_summary,
    summary as summary,
    tell as tell,
)
from .page_marks import compare_pages as compare_pages
from .word_diff import (
    TextPiece as TextPiece,
    WordEdit as WordEdit,
)
