"""Months of logs: made ahead, filled from the default partition, archived, dropped."""

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, Integer, Numeric, Text

from lineside_chassis import migrations

revision = "0009"
down_revision = "0008"

_GUARD = """
CREATE FUNCTION guard_production_log_partition(name text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('DROP POLICY IF EXISTS %I ON %I', name || '_tenant_isolation', name);
  EXECUTE format(
    'CREATE POLICY %I ON %I TO {app} USING (tenant_id = (SELECT current_tenant()))'
    ' WITH CHECK (tenant_id = (SELECT current_tenant()))', name || '_tenant_isolation', name);
  EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO {owner} USING (true)',
    name || '_keeping', name);
END $$
"""
"""The owner counts whole partitions before it drops one; nobody logs in as the owner."""

_MISSING = """
CREATE FUNCTION missing_production_log_months(today date, ahead integer) RETURNS SETOF date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT needed.month FROM (
    SELECT (date_trunc('month', today) + make_interval(months => n))::date AS month
    FROM generate_series(0, ahead) AS n
    UNION
    SELECT DISTINCT date_trunc('month', logged_at AT TIME ZONE 'UTC')::date
    FROM production_logs_default
  ) AS needed
  WHERE to_regclass('production_logs_' || to_char(needed.month, 'YYYY_MM')) IS NULL
  ORDER BY needed.month
$$
"""

_CREATE = """
CREATE OR REPLACE FUNCTION create_production_log_month(month date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '500ms'
AS $$
DECLARE
  first date := date_trunc('month', month);
  name text := 'production_logs_' || to_char(first, 'YYYY_MM');
  starts timestamptz := first::timestamp AT TIME ZONE 'UTC';
  ends timestamptz := (first + interval '1 month') AT TIME ZONE 'UTC';
  written text := (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
    WHERE attrelid = 'production_logs'::regclass AND attnum > 0 AND NOT attisdropped
    AND attgenerated = '');
BEGIN
  IF to_regclass(name) IS NOT NULL THEN
    RETURN name;
  END IF;
  LOCK TABLE work_orders IN ACCESS EXCLUSIVE MODE;
  LOCK TABLE production_logs IN ACCESS EXCLUSIVE MODE;
  IF to_regclass(name) IS NOT NULL THEN
    RETURN name;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE production_logs INCLUDING ALL)', name);
  ALTER TABLE production_logs_default NO FORCE ROW LEVEL SECURITY;
  EXECUTE format('INSERT INTO %1$I (%2$s) SELECT %2$s FROM production_logs_default'
    ' WHERE logged_at >= $1 AND logged_at < $2', name, written) USING starts, ends;
  DELETE FROM production_logs_default WHERE logged_at >= starts AND logged_at < ends;
  ALTER TABLE production_logs_default FORCE ROW LEVEL SECURITY;
  -- references are checked by a query of the owner's, whom FORCE would show no work order
  ALTER TABLE work_orders NO FORCE ROW LEVEL SECURITY;
  EXECUTE format('ALTER TABLE production_logs ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
    name, starts, ends);
  ALTER TABLE work_orders FORCE ROW LEVEL SECURITY;
  PERFORM guard_production_log_partition(name);
  RETURN name;
END $$
"""
"""Whoever writes waits at the parent and is routed anew; who waits for us waits half a second at
most, less than it takes the database to call a deadlock."""

_TENANTS = """
CREATE FUNCTION production_log_tenants(month date) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format('SELECT DISTINCT tenant_id FROM %I ORDER BY tenant_id',
    'production_logs_' || to_char(month, 'YYYY_MM'));
END $$
"""

_DROP = """
CREATE FUNCTION drop_production_log_month(month date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET lock_timeout = '500ms' SET timezone = 'UTC' AS $$
DECLARE
  first date := date_trunc('month', month);
  name text := 'production_logs_' || to_char(first, 'YYYY_MM');
  uncovered text;
  dropped bigint;
BEGIN
  IF (first + interval '1 month') AT TIME ZONE 'UTC' > now() THEN
    RAISE EXCEPTION 'the month % is not over', first USING ERRCODE = '55000';
  END IF;
  EXECUTE format('LOCK TABLE %I IN SHARE MODE', name);
  EXECUTE format($query$
    WITH lying AS (
      SELECT tenant_id, count(*) AS n, sum(hashtextextended(to_jsonb(l)::text, 0)::numeric) AS d
      FROM %I AS l GROUP BY tenant_id
    ), kept AS (
      SELECT tenant_id, sum(row_count) AS n, sum(digest) AS d FROM production_log_archives
      WHERE month = $1 AND verified_at IS NOT NULL AND dropped_at IS NULL GROUP BY tenant_id
    )
    SELECT (SELECT sum(n) FROM lying), string_agg(tenant_id::text, ', ') FILTER (
      WHERE kept.n IS DISTINCT FROM lying.n OR kept.d IS DISTINCT FROM lying.d)
    FROM lying LEFT JOIN kept USING (tenant_id)
    $query$, name) INTO dropped, uncovered USING first;
  IF uncovered IS NOT NULL THEN
    RAISE EXCEPTION 'logs of % are not in verified archives', first
      USING ERRCODE = '55000', DETAIL = 'tenants: ' || uncovered;
  END IF;
  LOCK TABLE work_orders IN ACCESS EXCLUSIVE MODE;
  LOCK TABLE production_logs IN ACCESS EXCLUSIVE MODE;
  EXECUTE format('ALTER TABLE production_logs DETACH PARTITION %I', name);
  EXECUTE format('DROP TABLE %I', name);
  UPDATE production_log_archives AS a SET dropped_at = now()
    WHERE a.month = first AND a.dropped_at IS NULL;
  RETURN coalesce(dropped, 0);
END $$
"""
"""Rows are compared one by one by their digest while nobody may write to the partition; only then
the table itself is locked, for an instant. Removing a reference locks what it refers to."""


def upgrade() -> None:
    roles = migrations.roles()
    migrations.tenant_table(
        "production_log_archives",
        Column("month", Date, nullable=False),
        Column("part", Integer, nullable=False),
        Column("file_name", Text, nullable=False),
        Column("row_count", BigInteger, nullable=False),
        Column("byte_count", BigInteger, nullable=False),
        Column("checksum", Text, nullable=False),
        Column("digest", Numeric, nullable=False),
        Column("verified_at", DateTime(timezone=True), nullable=False),
        Column("dropped_at", DateTime(timezone=True)),
        CheckConstraint("part >= 1", name="production_log_archives_part_check"),
        CheckConstraint(
            "month = date_trunc('month', month)::date", name="production_log_archives_month_check"
        ),
        primary_key=("month", "part"),
    )
    op.execute(
        "CREATE POLICY production_log_archives_keeping ON production_log_archives"
        f' TO "{roles.owner}" USING (true)'
    )
    _guard_partitions(roles)
    for statement in (_MISSING, _CREATE, _TENANTS, _DROP):
        op.get_bind().exec_driver_sql(statement)
    for function in (
        "missing_production_log_months(date, integer)",
        "create_production_log_month(date)",
        "production_log_tenants(date)",
        "drop_production_log_month(date)",
    ):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{roles.app}"')


def _guard_partitions(roles: migrations.Roles) -> None:
    """Put the partitions there are under policies that name whom they are for."""
    bind = op.get_bind()
    bind.exec_driver_sql(
        _GUARD.replace("{app}", f'"{roles.app}"').replace("{owner}", f'"{roles.owner}"')
    )
    bind.exec_driver_sql("REVOKE ALL ON FUNCTION guard_production_log_partition(text) FROM PUBLIC")
    bind.exec_driver_sql(
        "SELECT guard_production_log_partition(c.relname::text) FROM pg_inherits i"
        " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'production_logs'::regclass"
    )
