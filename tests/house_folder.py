"""A folder as one office has it: keys, a registry and its settings; the window's are the test's."""

from datetime import UTC, datetime
from pathlib import Path

from shared.key_files import make_keys
from tests.builders import furniture
from tests.registries import new_sqlite


def furnish_folder(folder: Path) -> None:
    """Lay down new keys, a furnished SQLite registry and `verifier.toml`."""
    make_keys(folder / "keys", datetime.now(UTC))
    sessions = new_sqlite(folder)
    with sessions.begin() as session:
        session.add_all(furniture())
    sessions.kw["bind"].dispose()
    (folder / "verifier.toml").write_text(
        f'registry = "sqlite:///{folder / "registry.db"}"\nsystem_id = "tests"\n'
        'keys = "keys/registry"\n'
    )
