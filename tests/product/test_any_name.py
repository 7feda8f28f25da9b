"""Whatever somebody types as a name is printed and read back, or is a finding: never lost, never a traceback."""

from __future__ import annotations

import csv
import io

from hypothesis import HealthCheck, example, given, settings, strategies as st

from tests.support.letters import sources
from typeset.diagnostics import Finding, LetterError, errors
from typeset.fonts import MemoryCache, open_catalogue
from typeset.pipeline import BuildContext, build, examine
from typeset.preflight import read_pdf
from typeset.sources import house

CONTEXT = BuildContext(catalogue=open_catalogue(house() / "fonts")[0], cache=MemoryCache())

COVERED = "".join(sorted(CONTEXT.catalogue.settable("und", "en")))
"""Every character that the faces of the house can set in a name of unknown language."""

anything = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
mostly_covered = st.text(
    st.one_of(st.sampled_from(COVERED), st.sampled_from(" \u00a0-'()\"\u200d\u200c\u0301\ufe00")),
    min_size=1,
    max_size=60,
)


def outcome(name: str) -> str | tuple[Finding, ...]:
    """The findings that refuse, or what the finished file says beside the number."""
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow((1, name, "und", "", "organisation", ""))
    changed = {"signatories.csv": "number,name,lang,spans,kind,note\n" + row.getvalue()}
    checked = examine(sources(changed), CONTEXT)
    try:
        (pdf,) = build(checked, CONTEXT, formats=("pdf",), languages=("en",))
    except LetterError as refused:
        return refused.findings
    item = next(block for block in read_pdf(pdf.data).tree.blocks if block.label)
    return "".join(cluster for piece in item.body for cluster in piece.clusters)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(anything, mostly_covered))
@example("\x00")
@example("\ufeff")
@example("a\u202eb")
@example("\n")
@example('"')
@example("=1+1")
@example("<b>&amp;</b>{{ 7*7 }}")
@example("\U000e0001\U000e007f")
@example("e\u0301 \u1e9b\u0323")
@example("\u00ad\u00ad")
@example("ﷺ")
@example("A" * 10_000)
def test_any_text_as_a_name_is_printed_and_read_back_or_is_a_finding(name: str) -> None:
    said = outcome(name)

    if isinstance(said, str):
        assert sorted(said.replace(" ", "")) == sorted(name.replace(" ", "").replace("\n", ""))
    else:
        assert errors(said)
        assert all(finding.message and finding.code for finding in said)
