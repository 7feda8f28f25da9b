from .environments import environment as environment
from .running import (
    LOCK as LOCK,
    Program as Program,
    running_program as running_program,
)
from .wheels import (
    MissingFaces as MissingFaces,
    faces_in as faces_in,
    whole_wheel as whole_wheel,
)
