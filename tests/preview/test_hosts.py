"""Who may reach a preview that listens elsewhere than on the loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.letters import files
from tests.support.preview_server import Visitor, previewed
from typeset.cli import main
from typeset.diagnostics import LetterError
from typeset.preview import listen, server


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with previewed(tmp_path_factory.mktemp("letters") / "small", host="0.0.0.0") as visitor:
        visitor.enter()
        visitor.settled()
        yield visitor


def asked_by(visitor: Visitor, host: str) -> int:
    return visitor.ask("/preview.js", headers={"Host": host.format(port=visitor.place.port)}).status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("192.168.7.20:{port}", 200),
        ("[2001:db8::1]:{port}", 200),
        ("localhost:{port}", 200),
        (f"{socket.gethostname()}:{{port}}", 200),
        ("rebound.example:{port}", 403),
        ("192.168.7.20.rebound.example:{port}", 403),
        ("192.168.7.20:80", 403),
        ("192.168.7.20", 403),
        ("2001:db8::1:{port}", 403),
        ("[192.168.7.20]:{port}", 403),
        ("3232237332:{port}", 403),
        ("192.168.7.20:{port}:{port}", 403),
        ("", 403),
    ],
)
def test_on_every_address_it_is_asked_by_address_or_by_the_name_of_the_machine(
    everywhere: Visitor, host: str, status: int
) -> None:
    assert asked_by(everywhere, host) == status


def test_on_the_loopback_no_other_address_will_do(tmp_path: Path) -> None:
    with previewed(tmp_path / "small") as visitor:
        visitor.enter()

        assert asked_by(visitor, "192.168.7.20:{port}") == 403
        assert asked_by(visitor, f"{socket.gethostname()}:{{port}}") == 403
        assert b'<p class="exposed" hidden>' in visitor.ask("/").body


def test_whoever_looks_is_told_that_others_may(everywhere: Visitor) -> None:
    page = everywhere.ask("/").body.decode()

    assert '<p class="exposed" >Other machines on the network can reach this preview' in page


def test_the_token_is_asked_for_on_every_address(everywhere: Visitor) -> None:
    stranger = Visitor(place=everywhere.place, folder=everywhere.folder)

    assert asked_by(stranger, "192.168.7.20:{port}") == 403


def test_the_address_names_the_host_that_was_chosen() -> None:
    places = [listen(0, host) for host in ("127.0.0.1", "localhost", "0.0.0.0")]

    shown = [place.address.removeprefix("http://").partition(":")[0] for place in places]
    for place in places:
        place.listener.close()

    assert shown == ["127.0.0.1", "localhost", socket.gethostname()]
    assert [place.host for place in places] == ["127.0.0.1", "localhost", "0.0.0.0"]


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "x" * 300, "nowhere.invalid"])
def test_a_host_that_is_not_this_machine_is_a_finding(host: str) -> None:
    with pytest.raises(LetterError) as refused:
        listen(0, host)

    assert refused.value.findings[0].message == f"{host} is not an address of this machine"


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_the_terminal_warns_of_a_preview_that_others_may_reach(
    host: str, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, data in files().items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.setattr(server, "serve", lambda folder, place, *_, **__: place.listener.close())

    told = CliRunner().invoke(main, ["preview", str(tmp_path), "--no-browser", "--host", host])

    assert told.exit_code == 0
    assert ("others on the network can open this preview" in told.stderr) == warned
    assert "?token=" in told.stdout
