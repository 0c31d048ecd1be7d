"""The licences of everything that is installed or shipped: LICENCES.md, written and checked.

    ./run audit       looks for known weaknesses and writes LICENCES.md anew

A package that is new in a lock, or whose licence is not among ALLOWED, fails a test until somebody
has looked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "LICENCES.md"
LOCKS = {
    "requirements.lock": "installed with the product",
    "requirements-dev.lock": "tests only",
    "requirements-proofs.lock": "two proofs only",
}
ALLOWED = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "LGPL-3.0-only", "MIT",
        "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Zlib", "ZPL-2.1",
    }
)  # fmt: skip
"""LGPL and MPL bind only who changes the packages themselves; we change none."""
LOOKED_UP = {
    # Its metadata names no licence, or more than a name: from the licence file of the package.
    "atheris": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "flask-wtf": "BSD-3-Clause",
    "pip-api": "Apache-2.0",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "reportlab": "BSD-3-Clause",
    "wtforms": "BSD-3-Clause",
}
_SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
    "ZPL 2.1": "ZPL-2.1",
}
SHIPPED = {
    "issuer/fonts/bold.ttf": ("BIZ UDGothic Bold, cut down", "OFL-1.1"),
    "issuer/fonts/digits.ttf": ("BIZ UDGothic Bold, cut down to digits", "OFL-1.1"),
    "issuer/fonts/text.ttf": ("BIZ UDGothic, cut down", "OFL-1.1"),
    "issuer/fonts/rare.ttf": ("Noto Sans CJK JP, cut down", "OFL-1.1"),
    "kiosk/reading/fonts/key_glyphs.png": ("digits of BIZ UDGothic, drawn", "OFL-1.1"),
    "tests/vendor/axe-core@4.14.1": ("axe-core, tests only", "MPL-2.0"),
    "tests/vendor/html-validate@10.17.0": ("html-validate and what it bundles, tests only", "MIT"),
}
"""Files of others in the repository; their licence texts lie beside them."""
_HEAD = """# Licences

Uketori itself: see LICENSE. Written by `./run audit` from the lock files and the packages' own
metadata; a test fails when a package or a font is missing here or its licence was never allowed.
"""


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One line of a lock."""

    name: str
    lock: str
    licence: str

    @property
    def is_allowed(self) -> bool:
        """Whether we may take it: one part of an OR is enough, every part of an AND counts."""
        return any(
            all(part.strip(" ()") in ALLOWED for part in choice.split(" AND "))
            for choice in self.licence.split(" OR ")
        )


def packages() -> list[Package]:
    """Every package of every lock, under the first lock that has it, by name."""
    found: dict[str, Package] = {}
    for lock in LOCKS:
        for name in locked(lock):
            found.setdefault(name, Package(name, lock, licence_of(name)))
    return sorted(found.values())


def locked(lock: str) -> Iterator[str]:
    """The names in a lock."""
    yield from re.findall(r"^([a-z0-9._-]+)==", (ROOT / lock).read_text("utf-8"), re.MULTILINE)


def licence_of(name: str) -> str:
    """The SPDX expression of a package's licence; "unknown" when it is not installed here."""
    if name in LOOKED_UP:
        return LOOKED_UP[name]
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return "unknown"
    classified = [line.split(" :: ")[-1] for line in about.get_all("Classifier", [])
                  if line.startswith("License :: ")]  # fmt: skip
    told = about.get("License-Expression") or about.get("License") or " AND ".join(classified)
    first = told.strip().partition("\n")[0]
    return _SPDX.get(first, first) or "unknown"


def document(listed: list[Package]) -> str:
    """LICENCES.md."""
    lines = [_HEAD, "| package | licence | |", "|---|---|---|"]
    lines += [f"| {one.name} | {one.licence} | {LOCKS[one.lock]} |" for one in listed]
    lines += ["", "| file of others | what | licence |", "|---|---|---|"]
    lines += [f"| `{path}` | {what} | {licence} |" for path, (what, licence) in SHIPPED.items()]
    return "\n".join(lines) + "\n"


def listed_names(text: str) -> dict[str, str]:
    """Package: licence, as LICENCES.md says."""
    return dict(re.findall(r"^\| ([a-z0-9._-]+) \| ([^|]+) \| [^|]+ \|$", text, re.MULTILINE))
