"""Runs migrations on the connection that the program hands over, or on the URL of ``alembic -x url=...``."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from chatbot.conversation.tables import Table


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Leave the index of words out: what it is differs between SQLite and PostgreSQL, and metadata can say neither."""
    return kind not in ("table", "index") or not (name or "").startswith(("turns_terms", "ix_turns_terms"))


def migrate(connection: Connection) -> None:
    """Run the migrations in the transaction that the connection is in."""
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
        transaction_per_migration=False,
        include_name=is_ours,
    )
    context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    migrate(handed_over)
else:
    # For development: alembic -x url=sqlite:///store.db check
    url = context.get_x_argument(as_dictionary=True).get("url", "sqlite://")
    with create_engine(url, poolclass=pool.NullPool).begin() as connection:
        migrate(connection)
