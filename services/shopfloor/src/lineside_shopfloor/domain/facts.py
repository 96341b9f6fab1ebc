"""What decisions need to know besides the work orders: the tenant's rules, plants, who and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lineside_contracts.values import Actor


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something is decided, and on whose behalf."""

    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class TenantRules:
    """The tenant's settings that concern the floor; the defaults are those of a new tenant."""

    work_order_prefix: str = "WO"
    releases_all_at_once: bool = False
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class PlantFacts:
    """A plant as work orders name it."""

    id: UUID
    plant_code: str
    plant_name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known of the tenant that one batch needs, by code."""

    rules: TenantRules = TenantRules()
    plants: Mapping[str, PlantFacts] = field(default_factory=dict)
    department_ids: Mapping[str, UUID] = field(default_factory=dict)

    def zone_of(self, plant_code: str | None) -> str:
        """Tell the time zone of a plant; the tenant's own where the plant is not known (yet)."""
        plant = self.plants.get(plant_code or "")
        return plant.time_zone if plant else self.rules.time_zone
