"""SECURITY.md promises what tests show: each test that it names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


def defined_in(path: Path) -> set[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, functions)
    }


def test_every_test_it_names_is_there() -> None:
    missing = [f"{file}::{name}" for file, name in NAMED if name not in defined_in(ROOT / file)]
    assert missing == []


def test_every_threat_names_a_test() -> None:
    rows = re.findall(r"^\| \d+ \|.*$", PAGE, re.M)
    assert len(rows) >= 18
    assert all("::test_" in row for row in rows)
    assert [int(re.match(r"\| (\d+)", row)[1]) for row in rows] == list(range(1, len(rows) + 1))
