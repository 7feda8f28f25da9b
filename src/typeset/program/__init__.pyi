from .distribution import (
    LOCK as LOCK,
    MissingFaces as MissingFaces,
    Program as Program,
    faces_in as faces_in,
    running_program as running_program,
    whole_wheel as whole_wheel,
)
from .environments import environment as environment
