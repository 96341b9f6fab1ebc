"""Order numbers and missing projects, taken in one atomic statement.

Two replicas that need the same counter row, or make the same project, wait here for each other and
then see what the other did: numbers have neither gaps nor twins, projects exist once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from lineside_chassis import encoding
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.planning import Project, ProjectChanged
from lineside_planning.orders.domain import facts
from lineside_planning.orders.domain.facts import NumberSeries, ProjectFacts

_RESERVE = text("""
WITH numbers AS (
  INSERT INTO number_counters AS c (tenant_id, prefix, year, last_number)
  SELECT :tenant_id, n.prefix, n.year, n.wanted
  FROM json_to_recordset(:numbers) AS n (prefix text, year integer, wanted bigint)
  ORDER BY n.prefix, n.year
  ON CONFLICT (tenant_id, prefix, year)
    DO UPDATE SET last_number = c.last_number + excluded.last_number
  RETURNING prefix, year, last_number
), made AS (
  INSERT INTO projects AS p (tenant_id, id, project_number, project_name, customer_code,
    customer_name, status, version, deleted, created_at, created_by, updated_at, updated_by)
  SELECT :tenant_id, w.id, w.project_number, w.project_name, w.customer_code,
    w.customer_name, 'active', 1, false, w.created_at, w.created_by, w.created_at, w.created_by
  FROM json_populate_recordset(NULL::projects, :projects) AS w
  ORDER BY w.project_number
  ON CONFLICT (tenant_id, project_number) DO UPDATE SET
    deleted = false,
    version = p.version + p.deleted::integer,
    updated_at = CASE WHEN p.deleted THEN excluded.updated_at ELSE p.updated_at END,
    updated_by = CASE WHEN p.deleted THEN excluded.updated_by ELSE p.updated_by END
  RETURNING p.*
)
SELECT 'number' AS kind, json_build_object('prefix', prefix, 'year', year, 'last', last_number)
FROM numbers
UNION ALL
SELECT 'project', row_to_json(made) FROM made
""")


@dataclass(frozen=True, slots=True)
class WantedProject:
    """A project that has to exist; its name and customer matter only where it is new."""

    project_number: str
    project_name: str
    customer_code: str | None
    customer_name: str | None
    caused_by: Envelope | None = None


@dataclass(slots=True)
class Reserved:
    """What was taken: the numbers of each series, in order, and the projects by number."""

    first_numbers: dict[NumberSeries, int]
    projects: dict[str, ProjectFacts]

    def next_number(self, series: NumberSeries) -> str:
        """Hand out the next number of a series."""
        count = self.first_numbers[series]
        self.first_numbers[series] = count + 1
        return series.number(count)


def stock_project(caused_by: Envelope | None = None) -> WantedProject:
    """The project of orders that are made for nobody in particular."""
    return WantedProject(
        project_number=facts.STOCK_PROJECT_NUMBER,
        project_name=facts.STOCK_PROJECT_NAME,
        customer_code=None,
        customer_name=None,
        caused_by=caused_by,
    )


async def reserve(
    uow: UnitOfWork, counts: Mapping[NumberSeries, int], wanted: Sequence[WantedProject]
) -> Reserved:
    """Take numbers, make the projects that do not exist, and tell of those that are new."""
    rows = await uow.connection.execute(
        _RESERVE,
        {
            "tenant_id": uow.tenant_id,
            "numbers": encoding.encode(
                [{"prefix": s.prefix, "year": s.year, "wanted": n} for s, n in counts.items()]
            ),
            "projects": encoding.encode([_row(uow, project) for project in wanted]),
        },
    )
    causes = {project.project_number: project.caused_by for project in wanted}
    reserved = Reserved({}, {})
    for kind, content in rows:
        if kind == "number":
            series = NumberSeries(content["prefix"], content["year"])
            reserved.first_numbers[series] = content["last"] - counts[series] + 1
        else:
            project = Project.model_validate(content)
            reserved.projects[project.project_number] = _facts(project)
            if _is_news(project, uow.now):
                cause = causes[project.project_number]
                uow.emit(ProjectChanged(project=project), caused_by=cause)
    return reserved


def _row(uow: UnitOfWork, project: WantedProject) -> dict[str, Any]:
    return {
        "id": uow.new_id(),
        "project_number": project.project_number,
        "project_name": project.project_name,
        "customer_code": project.customer_code,
        "customer_name": project.customer_name,
        "created_at": uow.now,
        "created_by": uow.actor_of(project.caused_by),
    }


def _facts(project: Project) -> ProjectFacts:
    return ProjectFacts(project.id, project.project_number, project.project_name)


def _is_news(project: Project, now: datetime) -> bool:
    """A project that another replica made meanwhile carries the instant of its own unit."""
    return project.updated_at == now
