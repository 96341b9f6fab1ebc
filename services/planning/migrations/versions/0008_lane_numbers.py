"""Lane numbers are unique per plant."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.drop_constraint("lanes_lane_number_key", "lanes")
    op.create_unique_constraint(
        "lanes_plant_code_lane_number_key", "lanes", ["tenant_id", "plant_code", "lane_number"]
    )
