"""Many rows into one table by the fastest way each database has."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Table


def fill(connection: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Write rows in the order of the table's columns: COPY on PostgreSQL, else one statement.

    Values are those of the driver: no type of ours converts them.
    """
    prepared = connection.dialect.identifier_preparer
    name = prepared.format_table(table)
    columns = ", ".join(prepared.quote(column.name) for column in table.columns)
    if connection.dialect.name == "postgresql":
        with (
            closing(connection.connection.cursor()) as cursor,
            cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
    elif rows:
        marks = ", ".join("?" * len(table.columns))
        statement = f"INSERT INTO {name} ({columns}) VALUES ({marks})"  # noqa: S608 - no value in it
        connection.exec_driver_sql(statement, [tuple(row) for row in rows])
