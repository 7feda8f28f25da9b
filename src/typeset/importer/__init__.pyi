from .encodings import decode as decode
from .language_profiles import every_language as every_language
from .list_section import (
    languages_of as languages_of,
    says_person as says_person,
)
from .new_folder import (
    begin_letter as begin_letter,
    list_file as list_file,
    new_letter as new_letter,
)
from .raw_text import (
    import_letter as import_letter,
    import_raw as import_raw,
)
