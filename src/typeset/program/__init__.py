"""The program itself as files: its wheels without faces and the lock of its dependencies, as an edition keeps them."""

from typeset.program.running import LOCK, Program, running_program
from typeset.program.wheels import MissingFaces, faces_in, whole_wheel

__all__ = ["LOCK", "MissingFaces", "Program", "faces_in", "running_program", "whole_wheel"]
