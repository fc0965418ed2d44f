"""What servers share: who has tried how often, and the answers to requests that may come twice."""

import sqlalchemy as sa
from alembic import op


def server() -> None:
    op.create_table(
        "rates",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("used_until", sa.Double, nullable=False),
    )
    op.create_index("rates_by_use", "rates", ["used_until"])
    op.create_table(
        "answers",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("answers_by_age", "answers", ["at"])
