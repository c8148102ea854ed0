"""What `make bench` prints: every part's rows are in the one table."""

from __future__ import annotations

import pytest

from tests import bench


def test_the_table_holds_the_rows_of_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is measured; here nothing is."""
    run = bench.Run(1, 1.0, 1.0, 1)
    monkeypatch.setattr(bench, "load", lambda *_args, **_more: run)
    monkeypatch.setattr(bench, "start", lambda *_args: 1.0)
    for part in ("measured", "in_browsers"):
        monkeypatch.setattr(bench, part, lambda *, quick, part=part: [(part, str(quick), "", True, "")])
    assert [one.what for one in bench.rows(quick=True)][-2:] == ["measured", "in_browsers"]
