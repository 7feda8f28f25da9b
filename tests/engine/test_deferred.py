from __future__ import annotations

import subprocess
import sys

BEGIN = "import sys\nfrom typeset.engine.loader import load\nload()\nfrom weasyprint.pdf import fonts\n"


def said(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", BEGIN + program], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_engine_is_there_without_what_it_does_not_need() -> None:
    loaded = said("print(*sys.modules)")

    assert "weasyprint.pdf.fonts" in loaded
    assert not {"fontTools.subset", "fontTools.varLib", "fontTools.varLib.instancer"} & set(loaded)


def test_what_it_falls_back_to_is_there_when_asked_for() -> None:
    options, real = said(
        "print(fonts.subset.Options.__module__, fonts.subset.Options is sys.modules['fontTools.subset'].Options)"
    )

    assert options == "fontTools.subset"
    assert real == "True"


def test_a_variable_face_is_made_static_by_the_real_function() -> None:
    (error,) = said(
        "from fontTools.ttLib import TTFont\n"
        "try:\n    fonts.instantiateVariableFont(TTFont(), {})\n"
        "except ValueError as fault:\n    print(type(fault).__name__)\n"
    )

    assert error == "ValueError"


def test_others_import_the_real_modules() -> None:
    assert said("from fontTools.varLib import instancer\nprint(instancer.__file__ is not None)") == ["True"]


def test_a_module_that_is_there_already_is_taken() -> None:
    program = "import fontTools.subset\n" + BEGIN + "print(fonts.subset is fontTools.subset)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True"]
