"""Faces: which there are, which of them sets what, and their subsets.

The line runs `open_catalogue` → `plan_faces` → `subsets` → `shaped_otherwise`; the rest is for people.
"""

from __future__ import annotations

from typeset.fonts.adding import add_face
from typeset.fonts.cache import Cache, FolderCache, MemoryCache
from typeset.fonts.catalogue import Catalogue, Slot, gaps, merged
from typeset.fonts.faces import Face
from typeset.fonts.plan import Cut, FacePlan, Stretch, plan_faces
from typeset.fonts.reading import catalogue_of, open_catalogue
from typeset.fonts.shaping import shaped_otherwise
from typeset.fonts.subset import Flavour, Subset, subsets
from typeset.fonts.survey import FaceReport, Need, coverage_report, needs
from typeset.fonts.words import Words

__all__ = [
    "Cache",
    "Catalogue",
    "Cut",
    "Face",
    "FacePlan",
    "FaceReport",
    "Flavour",
    "FolderCache",
    "MemoryCache",
    "Need",
    "Slot",
    "Stretch",
    "Subset",
    "Words",
    "add_face",
    "catalogue_of",
    "coverage_report",
    "gaps",
    "merged",
    "needs",
    "open_catalogue",
    "plan_faces",
    "shaped_otherwise",
    "subsets",
]
