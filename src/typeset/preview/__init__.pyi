from .app import chosen_editor as chosen_editor
from .server import (
    serve as serve,
    stall as stall,
)
from .session import follow_letter as follow_letter
