"""The benchmarks measure what they say."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from benchmarks.cold import STOCK, US, WITH_PREFLIGHT, Contender, Result, found_again
from benchmarks.letter import write_plain
from benchmarks.measure import Cost, Failed, cost_of
from benchmarks.ours import end_with
from benchmarks.stages import by_stage
from benchmarks.tables import table, verdict

from tests.support.letters import files

MIB = 2**20
BURN = "import time\nwhile time.process_time() < 0.2: pass"


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", program)


def test_memory_is_that_of_the_program_and_not_of_whoever_started_it() -> None:
    ours = bytearray(range(256)) * (200 * MIB // 256)

    cost = cost_of(python("memory = bytearray(range(256)) * (60 * 2**20 // 256)"))

    assert len(ours) == 200 * MIB
    assert 60 * MIB < cost.peak < 120 * MIB


def test_processor_time_counts_children() -> None:
    cost = cost_of(python(f"import subprocess, sys; subprocess.run({python(BURN)!r})"))

    assert cost.cpu > 0.2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans on")
def test_processor_time_counts_children_that_outlive_their_parent() -> None:
    cost = cost_of(python(f"import subprocess, sys; subprocess.Popen({python(BURN)!r})"))

    assert cost.cpu > 0.2


def test_waiting_is_no_processor_time() -> None:
    cost = cost_of(python("import time; time.sleep(0.3)"))

    assert cost.cpu < 0.2
    assert cost.wall > 0.3


def test_program_that_fails_is_quoted_instead_of_measured() -> None:
    with pytest.raises(Failed, match="ended with 3: no letter"):
        cost_of(python("import sys; print('no letter', file=sys.stderr); sys.exit(3)"))


def test_our_build_ends_as_soon_as_there_are_bytes(tmp_path: Path) -> None:
    class Rendered:
        data = b"%PDF"

    with pytest.raises(SystemExit) as ended:
        end_with(tmp_path / "ours.pdf", lambda style: Rendered())("style")

    assert ended.value.code == 0
    assert (tmp_path / "ours.pdf").read_bytes() == b"%PDF"


def test_everyone_sets_the_same_words(tmp_path: Path) -> None:
    for name, data in files().items():
        (tmp_path / name).write_bytes(data)

    plain = write_plain(tmp_path, tmp_path)

    html = plain.html.read_text()
    words = json.loads(plain.typst.with_name("letter.json").read_text())
    assert plain.names == ("Amis du Delta", "أصدقاء النهر", "Watch 川の声 Group")
    assert '<li value="3">Watch <span lang="ja">川の声</span> Group</li>' in html
    assert words["names"][2] == {"number": 3, "pieces": [["", "Watch "], ["ja", "川の声"], ["", " Group"]]}
    for text in (words["title"], *words["recipients"], *words["body"], words["closing"], *words["notes"]):
        assert f">{text}<" in html
    assert words["notes"] == ["4 signed, 1 of them without a name."]


def test_names_are_found_whatever_became_of_their_spaces() -> None:
    text = "1. Amis du\nDelta 2. \u202bأصدقاء النهر\u202c 3. Watch"

    assert found_again(text, ("Amis du Delta", "أصدقاء النهر", "Watch 川の声 Group")) == 2


def result(name: str, cpu: float, mib: int, size: int) -> Result:
    costs = [Cost(cpu + more, mib * MIB, 1.0) for more in (0.0, 0.5, -0.1)]
    contender = Contender(name=name, command=(), pdf=Path())
    return Result(contender=contender, costs=costs, size=size, pages=5, tagged=True, found=2)


def test_ratios_are_of_medians_and_against_us() -> None:
    drawn = table((result(US, 1.0, 80, 150_000), result(STOCK, 1.5, 200, 400_000)), 3)

    us, stock = ([cell.strip() for cell in row.split("|")[1:-1]] for row in drawn.splitlines()[2:])
    assert us == [US, "1.00", "0.90 … 1.50", "1.00", "80", "1.00", "150", "5", "yes", "2 of 3"]
    assert stock == [STOCK, "1.50", "1.40 … 2.00", "1.50", "200", "2.50", "400", "5", "yes", "2 of 3"]


def test_aims_that_are_missed_are_said_to_be_missed() -> None:
    ours = (result(US, 1.6, 101, 200_001), result(WITH_PREFLIGHT, 1.9, 101, 200_001))
    missed = verdict((*ours, result(STOCK, 1.5, 200, 400_000)))
    met = verdict((*ours, result(STOCK, 1.7, 202, 400_000)))

    assert missed.count("**not met**") == 3
    assert "0.30 s more" in missed
    assert met.count("- met") == 2


def test_stages_are_medians_of_runs() -> None:
    runs = [{"read": 0.010, "render": seconds} for seconds in (0.5, 0.7, 0.6)]

    drawn = by_stage(runs)

    assert "| render    |    600 |    500 … 700 |" in drawn
    assert "| all       |    610 |" in drawn
