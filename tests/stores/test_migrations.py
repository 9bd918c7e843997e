"""The migrations lead to the tables that the code expects, and every one is named by its number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Text
from sqlalchemy.types import TypeEngine

from alaas.stores import sql
from alaas.stores.sql import Database, connect
from alaas.stores.sql._migrate import revisions
from alaas.stores.sql._spelling import Words
from alaas.stores.sql._tables import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.external)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/store.db"
    opened = connect(request.getfixturevalue("postgresql_url") if request.param == "postgresql" else url)
    yield opened
    opened.close()


def differs(
    context: MigrationContext, _there: object, _expected: object, found: TypeEngine[object], kind: object
) -> bool | None:
    """Whether a column is of another kind; None: compare as usual."""
    if not isinstance(kind, Words):
        return None
    sorted_by_code = context.dialect.name == "sqlite" or getattr(found, "collation", None) == "C"
    return not (isinstance(found, Text) and sorted_by_code)


def test_the_tables_are_those_that_the_code_expects(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": differs})
        assert compare_metadata(context, metadata) == []


def test_migrations_follow_each_other_by_number() -> None:
    folder = Path(sql.__file__).parent / "migrations" / "versions"
    before = "None"
    for number, path in enumerate(sorted(folder.glob("[0-9]*.py")), start=1):
        text = path.read_text()
        assert path.name.startswith(f"{number:04}_")
        assert f'revision = "{number:04}"' in text
        assert re.search(rf"^down_revision = {before}$", text, re.MULTILINE)
        before = f'"{number:04}"'
    assert len(revisions()) == number


def test_a_database_that_is_up_to_date_needs_no_alembic(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it migrated again")

    monkeypatch.setattr("alaas.stores.sql._migrate._upgrade", refuse)
    name = database.name.removeprefix("the store ")
    connect(name if name.startswith("postgresql") else f"sqlite:///{name}").close()
