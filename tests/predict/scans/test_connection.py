"""Schedulers that do not answer, and addresses that are none, are said in one line."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

from volseg.errors import InputError
from volseg.predict.scans import connection
from volseg.predict.scans.connection import connect_client

REASON = 'dask is not installed: pip install "volseg[cluster]"'


@pytest.mark.parametrize("mute", [True, False])
def test_a_scheduler_that_does_not_answer(mute: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason=REASON)
    monkeypatch.setattr(connection, "ANSWER", 0.3)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        if mute:
            one.listen()
        address = f"tcp://127.0.0.1:{one.getsockname()[1]}"
        with pytest.raises(InputError, match=f"no scheduler answers at {address}"):
            connect_client(address, ExitStack())


@pytest.mark.parametrize("address", ["host", "", "tls://127.0.0.1:1", "nothing://host:1"])
def test_what_is_no_address(address: str) -> None:
    pytest.importorskip("distributed", reason=REASON)
    with pytest.raises(InputError, match=f"cannot connect to '{address}'"):
        connect_client(address, ExitStack())


def test_dask_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "dask", None)
    with pytest.raises(InputError, match=r'pip install "volseg\[cluster\]"'):
        connect_client("local", ExitStack())
