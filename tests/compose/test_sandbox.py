from __future__ import annotations

import pytest

from tests.support.letters import sources
from typeset.compose import read_words
from typeset.compose.document import fill
from typeset.diagnostics import Finding, LetterError

NAME = "x.html.j2"


def filled(template: str | bytes) -> str:
    given = sources({f"templates/{NAME}": template})
    return fill(given, NAME, {"words": read_words(given, "en")})


def refused(template: str | bytes) -> Finding:
    with pytest.raises(LetterError) as error:
        filled(template)
    (finding,) = error.value.findings
    return finding


@pytest.mark.parametrize(
    "template",
    [
        '{{ cycler.__init__.__globals__.os.popen("id").read() }}',
        '{{ lipsum.__globals__["os"].popen("id").read() }}',
        '{{ "".__class__.__mro__[1].__subclasses__() }}',
        "{{ asset.__globals__ }}",
        "{{ asset.args[0] }}",
        "{{ asset.func }}",
        '{{ cycler|attr("__init__")|attr("__globals__") }}',
        '{{ "{0.__class__.__mro__}".format(cycler) }}',
        '{{ "{x.__class__}".format_map({"x": cycler}) }}',
        '{{ [cycler]|map(attribute="__init__.__globals__")|list }}',
        '{{ ["{0.__class__}"]|map("format", cycler)|list }}{{ [cycler]|groupby("__init__.__globals__") }}',
        "{{ words.__class__.__init__.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ joiner.__init__.__builtins__ }}",
        "{{ [].append(1) }}",
        '{% include "../../../etc/passwd" %}',
        '{% import "/etc/passwd" as p %}',
    ],
)
def test_a_template_reaches_nothing_but_its_values(template: str) -> None:
    finding = refused(f"first line\n{template}")

    assert finding.code == "template"
    assert finding.place
    assert finding.place.spot() == f"templates/{NAME}:2"


def test_an_attempt_to_reach_python_is_named_with_what_to_do() -> None:
    finding = refused("{{ cycler.__init__ }}")

    assert finding.message == "access to attribute '__init__' of 'type' object is unsafe."
    assert finding.hint == "remove this: a template may only use the letter's values, within bounds"


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ range(10**9)|list }}",
        "{{ range(999999)|list }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(d) %}{% if d < 40 %}{{ m(d+1) }}{{ m(d+1) }}{% endif %}{% endmacro %}{{ m(0) }}",
        "{% for x in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
        f'{{% include "{NAME}" %}}',
        '{{ "a" * 10**9 }}',
        "{{ [1] * 99999999 }}",
        "{{ 10**10**10 }}",
        '{{ "%999999999d" % 1 }}',
        '{{ "%*d"|format(99999, 1) }}',
        '{{ "{:999999999d}".format(1) }}',
        '{{ "a"|center(10**9) }}',
        '{{ ["a"]|map("indent", 99999999)|list }}',
        '{{ "a".ljust(99999999) }}',
        '{% for x in range(99999) %}{{ "a"|center(9999999) }}{% endfor %}',
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ 1 / 0 }}",
        b"\xff",
    ],
)
def test_a_template_without_end_is_a_finding(template: str | bytes) -> None:
    finding = refused(template)

    assert finding.code == "template"
    assert finding.place
    assert finding.place.file == f"templates/{NAME}"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% for x in [1, 2] %}{{ loop.index }}/{{ loop.length }} {{ loop.last }} {% endfor %}", "1/2 False 2/2 True "),
        ("{% for k, v in {'a': 1}.items() if v %}{{ k }}{{ v }}{% else %}none{% endfor %}", "a1"),
        ("{% for x in [] %}{% else %}none{% endfor %}", "none"),
        ('{{ "%05d at 10:12345"|format(3) }} {{ "{:>5}".format("x") }}', "00003 at 10:12345     x"),
        ("{{ [1, 2]|map('string')|join(', ') }} {{ 281000|string }} {{ '-' * 3 }} {{ 2**10 }}", "1, 2 281000 --- 1024"),
    ],
)
def test_what_templates_do_works_within_the_bounds(template: str, text: str) -> None:
    assert filled(template) == text
