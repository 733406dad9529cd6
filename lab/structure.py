"""Figures of the code's shape: `python -m lab.structure [FOLDER ...]`, for the product's own folders by default."""

from __future__ import annotations

import ast
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("twilio_binding", "automation/python")
LONGEST_MODULE, LONGEST_FUNCTION, MOST_METHODS, MOST_PARAMETERS = 300, 40, 12, 6
MEDIAN_MODULE, MOST_NOQAS, MOST_NAMES_TWICE = 90, 40, 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Structure:
    """The figures of some folders. `beyond` has one line for each module, function or class over its limit."""

    lengths: list[int] = field(default_factory=list)
    noqas: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    beyond: list[str] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median length of a module in lines."""
        return statistics.median(self.lengths)

    @property
    def twice(self) -> list[str]:
        """The names of public classes that are defined more than once."""
        return sorted(name for name, count in self.classes.items() if count > 1)

    def add(self, path: Path) -> None:
        """Count one module."""
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        self.lengths.append(text.count("\n"))
        self.noqas += text.count("noqa")
        self.classes.update(node.name for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_")
        if self.lengths[-1] > LONGEST_MODULE:
            self.beyond.append(f"module of {self.lengths[-1]} lines: {path}")
        self.beyond += [f"{what}: {path}:{node.lineno} {node.name}" for node, what in _too_large(tree)]


def measure(folders: Sequence[Path]) -> Structure:
    """The figures of all Python files below these folders; links do not count."""
    structure = Structure()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if not path.is_symlink():
                structure.add(path)
    return structure


def _too_large(tree: ast.Module) -> Iterator[tuple[Function | ast.ClassDef, str]]:
    """Functions, constructors and classes over a limit, and what is wrong with them."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield node, f"function of {lines} lines"
            if node.name == "__init__" and _parameters(node) > MOST_PARAMETERS:
                yield node, f"constructor of {_parameters(node)} parameters"
        elif isinstance(node, ast.ClassDef):
            methods = sum(isinstance(one, Function) for one in node.body)
            if methods > MOST_METHODS:
                yield node, f"class of {methods} methods"


def _parameters(function: Function) -> int:
    """The number of parameters of a constructor, without `self`."""
    arguments = function.args
    return len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs) - 1


def broken_limits(found: Structure) -> list[str]:
    """One line for each exceeded limit."""
    broken = list(found.beyond)
    if found.median > MEDIAN_MODULE:
        broken.append(f"median module of {found.median:.0f} lines (limit {MEDIAN_MODULE})")
    if found.noqas > MOST_NOQAS:
        broken.append(f"{found.noqas} noqas (limit {MOST_NOQAS})")
    if len(found.twice) > MOST_NAMES_TWICE:
        broken.append(f"class names defined twice (limit {MOST_NAMES_TWICE}): {', '.join(found.twice)}")
    return broken


def main() -> None:
    """Print the figures, and what exceeds a limit; the exit code is 1 if something does."""
    found = measure([Path(name) for name in sys.argv[1:]] or [ROOT / name for name in PRODUCT])
    broken = broken_limits(found)
    print(f"modules {len(found.lengths)}, median {found.median:.0f} lines, longest {max(found.lengths)}")
    print(f"noqa {found.noqas}")
    print(f"class names defined twice {len(found.twice)}: {', '.join(found.twice)}")
    print(f"beyond a limit {len(broken)}", *broken, sep="\n  ")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
