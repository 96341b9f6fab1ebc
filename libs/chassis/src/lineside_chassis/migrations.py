"""Helpers for a service's Alembic migrations: tenant tables with row-level security, done alike.

Roles are named `<prefix><service>_owner`, `…_app` and `…_relay`. A migration learns them from the
Alembic config's attributes; `env.py` is two lines:

    from lineside_chassis import migrations
    migrations.run()
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command, context, op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Index, MetaData, create_engine, make_url, pool, text
from sqlalchemy.schema import SchemaItem

from lineside_chassis import tables
from lineside_chassis.tables import Names, Reference

TENANT_IS_CURRENT = "tenant_id = (SELECT current_tenant())"

_CURRENT_TENANT = """
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE tenant text := current_setting('app.current_tenant_id', true);
BEGIN
  IF tenant IS NULL OR tenant = '' THEN
    RAISE EXCEPTION 'no tenant is set for this transaction'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN tenant::uuid;
END $$
"""

_BEGIN_WORK = """
CREATE FUNCTION begin_work(tenant uuid, consumer_name text, event_ids uuid[])
RETURNS SETOF uuid LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.current_tenant_id', tenant::text, true);
  RETURN QUERY
    INSERT INTO inbox AS i (tenant_id, consumer, event_id)
    SELECT DISTINCT tenant, consumer_name, e.id FROM unnest(event_ids) AS e (id) ORDER BY e.id
    ON CONFLICT DO NOTHING RETURNING i.event_id;
END $$
"""

_BEGIN_REQUEST = """
CREATE FUNCTION begin_request(tenant uuid, asked_key text, asked_subject text, asked_hash bytea)
RETURNS TABLE (subject text, body_hash bytea, status integer, answer json)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.current_tenant_id', tenant::text, true);
  INSERT INTO answered_requests AS a (tenant_id, idempotency_key, subject, body_hash)
    VALUES (tenant, asked_key, asked_subject, asked_hash) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT a.subject, a.body_hash, a.status, a.answer FROM answered_requests a
    WHERE a.tenant_id = tenant AND a.idempotency_key = asked_key;
END $$
"""


@dataclass(frozen=True)
class Roles:
    """The roles of one service's database.

    `search` has no login: it owns the functions that search text across row-level security, with
    the tenant's condition inside (see docs/adr/0003).
    """

    owner: str
    app: str
    relay: str
    search: str

    @classmethod
    def of(cls, service: str, *, prefix: str = "") -> "Roles":
        """Name a service's roles; `service` as in SQL ("sales_bridge")."""
        base = f"{prefix}{service}"
        return cls(
            owner=f"{base}_owner", app=f"{base}_app", relay=f"{base}_relay", search=f"{base}_search"
        )


def migrate(url: str, directory: Path, roles: Roles, *, revision: str = "head") -> None:
    """Bring a database to a revision, as its owner.

    Args:
        url: Of the database, as the owner role.
        directory: The service's `migrations` folder.
        roles: Who is granted what.
        revision: Where to.
    """
    config = Config()
    config.set_main_option("script_location", str(directory).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["roles"] = roles
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()
    finally:
        engine.dispose()


def run() -> None:
    """Run migrations from a service's `env.py`."""
    context.configure(
        connection=context.config.attributes["connection"], transaction_per_migration=False
    )
    with context.begin_transaction():
        context.run_migrations()


def differences(url: str, *metadata: MetaData) -> list[object]:
    """Compare a migrated database with the tables the code believes in; empty when equal."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return list(_compare(connection, [tables.metadata, *metadata]))
    finally:
        engine.dispose()


def roles() -> Roles:
    """The roles of the database being migrated."""
    config = op.get_context().config
    if config is None or "roles" not in config.attributes:
        raise LookupError("migrations run through lineside_chassis.migrations.migrate")
    known: Roles = config.attributes["roles"]
    return known


def tenant_table(
    name: str,
    *columns: SchemaItem,
    primary_key: Names = ("id",),
    unique: Sequence[Names] = (),
    foreign_keys: Sequence[Reference] = (),
    indexes: Sequence[Names | Index] = (),
    partition_by: str | None = None,
) -> None:
    """Create a tenant table (see `tables.tenant_table`) under its isolation policy."""
    parts = tables.table_parts(
        name,
        columns,
        primary_key=primary_key,
        unique=unique,
        foreign_keys=foreign_keys,
        indexes=indexes,
    )
    op.create_table(name, *parts.items, *parts.indexes, postgresql_partition_by=partition_by)
    isolate(name)


def plain_table(name: str, *items: SchemaItem) -> None:
    """Create a table outside row-level security: ids and settings for background jobs only."""
    op.create_table(name, *items)
    grant(name)


def chassis_tables() -> None:
    """Create what the chassis needs in every service: functions, outbox, inbox, answers."""
    for function in (_CURRENT_TENANT, _BEGIN_WORK, _BEGIN_REQUEST):
        op.execute(function)
    for table in tables.metadata.sorted_tables:
        table.create(op.get_bind())
        isolate(table.name)
        maintain(table.name)
    # rows live for milliseconds: compressing them costs a third of writing them
    op.execute("ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL")
    op.execute(
        "ALTER TABLE outbox SET"
        " (autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0)"
    )


def isolate(name: str) -> None:
    """Enable and force row-level security, with one policy to the app role."""
    role = roles().app
    op.execute(f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY')
    op.execute(
        f'CREATE POLICY "{name}_tenant_isolation" ON "{name}" TO "{role}"'
        f" USING ({TENANT_IS_CURRENT}) WITH CHECK ({TENANT_IS_CURRENT})"
    )
    grant(name)


def share_global_rows(name: str) -> None:
    """Let every tenant read the rows that belong to none; nobody but the owner writes them."""
    op.execute(
        f'CREATE POLICY "{name}_global_rows" ON "{name}" FOR SELECT TO "{roles().app}"'
        " USING (tenant_id IS NULL)"
    )


def grant(name: str) -> None:
    """Let the app role read and write a table."""
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{name}" TO "{roles().app}"')


def maintain(name: str) -> None:
    """Let the relay role read and delete across tenants, through a policy of its own."""
    role = roles().relay
    op.execute(f'GRANT SELECT, DELETE ON "{name}" TO "{role}"')
    op.execute(f'CREATE POLICY "{name}_relay" ON "{name}" TO "{role}" USING (true)')


@contextmanager
def data_migration(*names: str) -> Iterator[None]:
    """Let the owner, whom FORCE hits as well, see all rows of some tables for a while."""
    for name in names:
        op.execute(f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY')
    yield
    for name in names:
        op.execute(f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY')


def _compare(connection: Connection, metadata: list[MetaData]) -> list[object]:
    partitions = connection.execute(text("SELECT relname FROM pg_class WHERE relispartition"))
    options = {
        "compare_type": True,
        "include_name": _is_compared(frozenset(partitions.scalars())),
    }
    migration = MigrationContext.configure(connection, opts=options)
    found: list[object] = compare_metadata(migration, metadata)  # type: ignore[arg-type]
    return [difference for difference in found if "alembic_version" not in repr(difference)]


def _is_compared(partitions: frozenset[str]) -> Callable[[str | None, str, object], bool]:
    """Leave partitions out: their parent says what they look like."""

    def is_compared(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or name not in partitions

    return is_compared


def _engine(url: str) -> Engine:
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), poolclass=pool.NullPool
    )
