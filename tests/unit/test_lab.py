"""The lab's own counters."""

from __future__ import annotations

from pathlib import Path

from lab import path, structure

CROWDED = '''
class Twice:
    """One."""
    def __init__(self, a, b, c, d, e, f, g): ...

class Many:
    """Many methods."""
''' + "".join(f"    def m{n}(self): ...\n" for n in range(13))


def test_structure_counts_lines_names_and_what_is_beyond_a_limit(tmp_path: Path) -> None:
    """Each figure is counted, and what is too large is named with file and line."""
    (tmp_path / "crowded.py").write_text(CROWDED)
    (tmp_path / "long.py").write_text("class Twice: ...  # noqa\ndef f():\n" + "    x = 1\n" * 300)
    found = structure.measure([tmp_path])
    assert len(found.lengths) == 2
    assert found.noqas == 1
    assert found.twice == ["Twice"]
    assert [line.partition(":")[0] for line in found.beyond] == [
        "class of 13 methods",
        "constructor of 7 parameters",
        "module of 302 lines",
        "function of 301 lines",
    ]
    assert f"{tmp_path / 'crowded.py'}:6 Many" in found.beyond[0]


def test_the_product_is_within_the_limits() -> None:
    """No module, function, class or constructor of the product is too large; there are few noqas and repeated names."""
    found = structure.measure([structure.ROOT / name for name in structure.PRODUCT])
    assert structure.broken_limits(found) == []


def test_path_counts_changes_of_file_of_each_thread() -> None:
    """Two simultaneous threads do not count as changes of file."""
    steps = [(1, "a.py", "f"), (2, "b.py", "g"), (1, "a.py", "h"), (2, "c.py", "i"), (1, "b.py", "g")]
    assert path.changes(steps) == 2


def test_path_counts_changes_of_package() -> None:
    """Files of one package are one place; a module at the top of the product is a place of its own."""
    steps = [(1, file, "f") for file in ("store/outbox.py", "store/database.py", "clock.py", "store/outbox.py")]
    assert path.changes(path.of_packages(steps)) == 2
