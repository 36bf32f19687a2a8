"""Titles, ratings, inbox and outbox, what versions learnt from, and the words of turns for searching.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op

from chatbot.conversation.tables import Terms, UtcDateTime
from chatbot.text.words import index_terms

revision = "0002"
down_revision = "0001"

# An index beside the table (https://www.sqlite.org/fts5.html#external_content_tables), which triggers keep true: they
# fire on what foreign keys delete, too.
_FTS = (
    """CREATE VIRTUAL TABLE turns_terms USING fts5(
        terms, content='turns', content_rowid='id', tokenize='unicode61 remove_diacritics 0')""",
    """CREATE TRIGGER turns_terms_insert AFTER INSERT ON turns BEGIN
        INSERT INTO turns_terms(rowid, terms) VALUES (new.id, new.terms); END""",
    """CREATE TRIGGER turns_terms_delete AFTER DELETE ON turns BEGIN
        INSERT INTO turns_terms(turns_terms, rowid, terms) VALUES ('delete', old.id, old.terms); END""",
    """CREATE TRIGGER turns_terms_update AFTER UPDATE OF terms ON turns BEGIN
        INSERT INTO turns_terms(turns_terms, rowid, terms) VALUES ('delete', old.id, old.terms);
        INSERT INTO turns_terms(rowid, terms) VALUES (new.id, new.terms); END""",
    "INSERT INTO turns_terms(turns_terms) VALUES ('rebuild')",
)


def upgrade() -> None:
    """Add them, and index the turns that are there."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("people", sa.Column("left_out", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("conversations", sa.Column("title", sa.Text(), nullable=True))
    op.add_column("turns", sa.Column("terms", Terms(), nullable=False, server_default=""))
    _find_terms()
    if sqlite:
        for statement in _FTS:
            op.execute(statement)
    else:
        op.create_index("ix_turns_terms", "turns", ["terms"], postgresql_using="gin")
    _make_tables()


def downgrade() -> None:
    """Drop them."""
    for table in ("erasures", "learnt", "outbox", "inbox", "ratings"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER turns_terms_{name}")
        op.execute("DROP TABLE turns_terms")
    else:
        op.drop_index("ix_turns_terms", "turns")
    op.drop_column("turns", "terms")
    op.drop_column("conversations", "title")
    op.drop_column("people", "left_out")


def _find_terms() -> None:
    turns = sa.table("turns", sa.column("id", sa.Integer), sa.column("text", sa.Text), sa.column("terms", Terms()))
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(
        sa.select(turns.c.id, turns.c.text).where(turns.c.id > last).order_by(turns.c.id).limit(1000)
    ).all():
        last = rows[-1].id
        filled = turns.update().where(turns.c.id == sa.bindparam("number")).values(terms=sa.bindparam("found"))
        connection.execute(filled, [{"number": row.id, "found": index_terms(row.text)} for row in rows])


def _make_tables() -> None:
    op.create_table(
        "ratings",
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("time", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", name="pk_ratings"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_ratings_turn_id_turns", ondelete="CASCADE"),
        sa.CheckConstraint("rating IN (-1, 1)", name="ck_ratings_rating"),
    )
    op.create_table(
        "inbox",
        *_box_columns("inbox"),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("done", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("adapter", "key", name="uq_inbox_adapter_key"),
    )
    op.create_table(
        "outbox",
        *_box_columns("outbox"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sent", UtcDateTime(), nullable=True),
    )
    op.create_table(
        "learnt",
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("time", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", "person_id", name="pk_learnt"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_learnt_person_id_people", ondelete="CASCADE"),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("time", UtcDateTime(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("clean_version", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_inbox_adapter_done_id", "inbox", ["adapter", "done", "id"])
    op.create_index("ix_outbox_adapter_sent_id", "outbox", ["adapter", "sent", "id"])
    for table in ("inbox", "outbox", "learnt"):
        op.create_index(f"ix_{table}_person_id", table, ["person_id"])


def _box_columns(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("adapter", sa.String(32), nullable=False),
        sa.Column("chat", sa.String(255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("time", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=f"fk_{table}_person_id_people", ondelete="CASCADE"),
    )
