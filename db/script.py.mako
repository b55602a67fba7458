"""${message}

A released migration never changes. It imports nothing from the program, names every constraint, uses no
ON DELETE CASCADE (a rebuilt parent table would empty its children on SQLite), and re-creates the triggers
of every table it rebuilds.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
