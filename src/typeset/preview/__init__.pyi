from .app import chosen_editor as chosen_editor
from .server import (
    listen as listen,
    serve as serve,
)
from .session import follow_letter as follow_letter
