"""Chats, which message each turn came in and went out as, and what adapters know of people.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add them."""
    op.add_column("people", sa.Column("language", sa.String(8), nullable=True))
    op.add_column("people", sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("people", sa.Column("blocked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("conversations", sa.Column("chat", sa.String(255), nullable=True))
    op.create_index("ix_conversations_person_id_chat_id", "conversations", ["person_id", "chat", "id"])
    op.create_table(
        "chats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("adapter", sa.String(32), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
        sa.UniqueConstraint("adapter", "key", name="uq_chats_adapter_key"),
    )
    for table, ending in (("inbox", "SET NULL"), ("outbox", "CASCADE")):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("message", sa.String(64), nullable=False, server_default=""))
            batch.add_column(sa.Column("turn_id", sa.Integer(), nullable=True))
            batch.create_foreign_key(f"fk_{table}_turn_id_turns", "turns", ["turn_id"], ["id"], ondelete=ending)
        op.create_index(f"ix_{table}_turn_id", table, ["turn_id"])
        op.create_index(f"ix_{table}_adapter_chat_message", table, ["adapter", "chat", "message"])


def downgrade() -> None:
    """Drop them."""
    for table in ("outbox", "inbox"):
        op.drop_index(f"ix_{table}_adapter_chat_message", table)
        op.drop_index(f"ix_{table}_turn_id", table)
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(f"fk_{table}_turn_id_turns", type_="foreignkey")
            batch.drop_column("turn_id")
            batch.drop_column("message")
    op.drop_table("chats")
    op.drop_index("ix_conversations_person_id_chat_id", "conversations")
    op.drop_column("conversations", "chat")
    for column in ("blocked", "told", "language"):
        op.drop_column("people", column)
