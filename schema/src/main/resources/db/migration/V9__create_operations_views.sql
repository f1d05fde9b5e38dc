-- Why: whoever runs the database wants to see at a glance what it holds, what it costs, and whether its jobs run: the
-- same views on every edition, empty where an edition has nothing of the kind.
-- Cost on a populated table: none, no data is touched.

CREATE SCHEMA ops;

COMMENT ON SCHEMA ops IS 'What operators of candlestream watch';

-- The tables and aggregates of candlestream's owner, each with the table that holds its rows, if any does.
CREATE FUNCTION ops.relations()
RETURNS TABLE (relation name, stored regclass)
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
  RETURN QUERY
  SELECT c.relname, c.oid::regclass
  FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace
    AND c.relkind = 'r'
    AND c.relname <> 'candlestream_schema_history'
    AND c.relowner = (SELECT relowner FROM pg_class WHERE oid = 'public.candlestream_settings'::regclass)
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e');
  IF '${edition}' = 'community' THEN
    RETURN QUERY
    SELECT
      view_name,
      format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)::regclass
    FROM timescaledb_information.continuous_aggregates
    WHERE view_schema = 'public';
  END IF;
END
$$;

COMMENT ON FUNCTION ops.relations() IS 'Tables, and aggregates with rows of their own; stored: the table with the rows';

-- A table's statistics are those of its chunks, which inherit from it.
CREATE VIEW ops.table_stats AS
SELECT
  r.relation,
  sum(s.n_live_tup)::bigint AS live_rows,
  sum(s.n_dead_tup)::bigint AS dead_rows,
  sum(s.n_tup_ins)::bigint AS inserted,
  sum(s.n_tup_upd)::bigint AS updated,
  sum(s.n_tup_hot_upd)::bigint AS hot_updated,
  sum(s.n_tup_del)::bigint AS deleted,
  sum(s.seq_scan)::bigint AS sequential_scans,
  sum(s.idx_scan)::bigint AS index_scans,
  max(greatest(s.last_vacuum, s.last_autovacuum)) AS last_vacuum,
  max(greatest(s.last_analyze, s.last_autoanalyze)) AS last_analyze
FROM ops.relations() r
JOIN LATERAL (
  SELECT r.stored::oid AS oid
  UNION ALL
  SELECT inhrelid FROM pg_inherits WHERE inhparent = r.stored
) part ON true
JOIN pg_stat_all_tables s ON s.relid = part.oid
GROUP BY r.relation;

COMMENT ON VIEW ops.table_stats IS
  'PostgreSQL''s statistics of each table since their last reset, its chunks added up; rows in the columnstore aside';
COMMENT ON COLUMN ops.table_stats.relation IS 'Table or aggregate';
COMMENT ON COLUMN ops.table_stats.live_rows IS 'Rows, estimated';
COMMENT ON COLUMN ops.table_stats.dead_rows IS 'Rows that await vacuum, estimated';
COMMENT ON COLUMN ops.table_stats.inserted IS 'Rows inserted';
COMMENT ON COLUMN ops.table_stats.updated IS 'Rows updated';
COMMENT ON COLUMN ops.table_stats.hot_updated IS 'Of these, updated without touching an index';
COMMENT ON COLUMN ops.table_stats.deleted IS 'Rows deleted';
COMMENT ON COLUMN ops.table_stats.sequential_scans IS 'Scans of a whole table or chunk';
COMMENT ON COLUMN ops.table_stats.index_scans IS 'Scans by an index';
COMMENT ON COLUMN ops.table_stats.last_vacuum IS 'When a part of it was last vacuumed';
COMMENT ON COLUMN ops.table_stats.last_analyze IS 'When a part of it was last analyzed';

DO $$
BEGIN
  IF '${edition}' = 'postgres' THEN
    CREATE VIEW ops.storage AS
    SELECT
      relation,
      0::bigint AS chunks,
      pg_relation_size(stored) AS table_bytes,
      pg_indexes_size(stored) AS index_bytes,
      pg_total_relation_size(stored) - pg_relation_size(stored) - pg_indexes_size(stored) AS toast_bytes,
      pg_total_relation_size(stored) AS total_bytes,
      pg_size_pretty(pg_total_relation_size(stored)) AS total
    FROM ops.relations();
  ELSE
    CREATE VIEW ops.storage AS
    SELECT
      r.relation,
      (SELECT count(*) FROM pg_inherits WHERE inhparent = r.stored) AS chunks,
      coalesce(h.table_bytes, pg_relation_size(r.stored)) AS table_bytes,
      coalesce(h.index_bytes, pg_indexes_size(r.stored)) AS index_bytes,
      coalesce(
        h.toast_bytes,
        pg_total_relation_size(r.stored) - pg_relation_size(r.stored) - pg_indexes_size(r.stored)
      ) AS toast_bytes,
      coalesce(h.total_bytes, pg_total_relation_size(r.stored)) AS total_bytes,
      pg_size_pretty(coalesce(h.total_bytes, pg_total_relation_size(r.stored))) AS total
    FROM ops.relations() r
    LEFT JOIN LATERAL hypertable_detailed_size(r.stored) h ON true;
  END IF;
END
$$;

COMMENT ON VIEW ops.storage IS 'Size of each table and aggregate on disk, row store and columnstore';
COMMENT ON COLUMN ops.storage.relation IS 'Table or aggregate';
COMMENT ON COLUMN ops.storage.chunks IS 'Number of chunks; 0 for a plain table';
COMMENT ON COLUMN ops.storage.table_bytes IS 'Rows';
COMMENT ON COLUMN ops.storage.index_bytes IS 'Indexes';
COMMENT ON COLUMN ops.storage.toast_bytes IS 'Long values, the free space map and the visibility map';
COMMENT ON COLUMN ops.storage.total_bytes IS 'All of these';
COMMENT ON COLUMN ops.storage.total IS 'All of these, for people';

DO $$
BEGIN
  IF '${edition}' = 'community' THEN
    CREATE VIEW ops.compression AS
    SELECT
      r.relation,
      s.total_chunks AS chunks,
      s.number_compressed_chunks AS columnstore_chunks,
      s.before_compression_total_bytes AS before_bytes,
      s.after_compression_total_bytes AS after_bytes,
      round(s.before_compression_total_bytes::numeric / nullif(s.after_compression_total_bytes, 0), 1) AS ratio
    FROM ops.relations() r
    JOIN timescaledb_information.hypertables h
      ON h.compression_enabled
      AND format('%I.%I', h.hypertable_schema, h.hypertable_name)::regclass = r.stored
    CROSS JOIN LATERAL hypertable_columnstore_stats(r.stored) s;

    CREATE VIEW ops.jobs AS
    SELECT
      j.job_id,
      CASE j.proc_name
        WHEN 'policy_refresh_continuous_aggregate' THEN 'refresh'
        WHEN 'policy_compression' THEN 'columnstore'
        WHEN 'policy_retention' THEN 'retention'
        ELSE j.proc_name
      END AS policy,
      j.hypertable_name AS relation,
      j.schedule_interval,
      j.config - 'hypertable_id' - 'mat_hypertable_id' AS settings,
      j.scheduled,
      nullif(s.last_run_started_at, '-infinity') AS last_run,
      s.last_run_status AS last_status,
      s.last_run_duration AS last_duration,
      nullif(s.last_successful_finish, '-infinity') AS last_success,
      CASE
        WHEN s.total_runs > 0 THEN nullif(s.next_start, '-infinity')
        ELSE coalesce(nullif(s.next_start, '-infinity'), j.initial_start)
      END AS next_run,
      coalesce(s.total_runs, 0) AS runs,
      coalesce(s.total_failures, 0) AS failures,
      coalesce(b.consecutive_failures, 0)::bigint AS consecutive_failures,
      (
        SELECT e.err_message
        FROM timescaledb_information.job_errors e
        WHERE e.job_id = j.job_id
        ORDER BY e.start_time DESC
        LIMIT 1
      ) AS last_error
    FROM timescaledb_information.jobs j
    LEFT JOIN timescaledb_information.job_stats s ON s.job_id = j.job_id
    LEFT JOIN _timescaledb_internal.bgw_job_stat b ON b.job_id = j.job_id
    WHERE j.hypertable_schema = 'public';
  ELSE
    CREATE VIEW ops.compression AS
    SELECT
      NULL::name AS relation,
      NULL::bigint AS chunks,
      NULL::bigint AS columnstore_chunks,
      NULL::bigint AS before_bytes,
      NULL::bigint AS after_bytes,
      NULL::numeric AS ratio
    WHERE false;

    CREATE VIEW ops.jobs AS
    SELECT
      NULL::integer AS job_id,
      NULL::name AS policy,
      NULL::name AS relation,
      NULL::interval AS schedule_interval,
      NULL::jsonb AS settings,
      NULL::boolean AS scheduled,
      NULL::timestamptz AS last_run,
      NULL::text AS last_status,
      NULL::interval AS last_duration,
      NULL::timestamptz AS last_success,
      NULL::timestamptz AS next_run,
      NULL::bigint AS runs,
      NULL::bigint AS failures,
      NULL::bigint AS consecutive_failures,
      NULL::text AS last_error
    WHERE false;
  END IF;
END
$$;

COMMENT ON VIEW ops.compression IS 'What the columnstore saves; empty where an edition has none';
COMMENT ON COLUMN ops.compression.relation IS 'Table or aggregate';
COMMENT ON COLUMN ops.compression.chunks IS 'Number of chunks';
COMMENT ON COLUMN ops.compression.columnstore_chunks IS 'How many of them are in the columnstore';
COMMENT ON COLUMN ops.compression.before_bytes IS 'Size of these in the row store';
COMMENT ON COLUMN ops.compression.after_bytes IS 'Size of these in the columnstore';
COMMENT ON COLUMN ops.compression.ratio IS 'How many times smaller they have become';

COMMENT ON VIEW ops.jobs IS 'Policies, and how they do; empty on editions without, where the command maintain does their work';
COMMENT ON COLUMN ops.jobs.job_id IS 'TimescaleDB''s number of the job';
COMMENT ON COLUMN ops.jobs.policy IS 'refresh, columnstore or retention; another job of this schema by its procedure';
COMMENT ON COLUMN ops.jobs.relation IS 'Table or aggregate it works on';
COMMENT ON COLUMN ops.jobs.schedule_interval IS 'How often it runs';
COMMENT ON COLUMN ops.jobs.settings IS 'What the policy is set to';
COMMENT ON COLUMN ops.jobs.scheduled IS 'False while it is paused';
COMMENT ON COLUMN ops.jobs.last_run IS 'When it last began';
COMMENT ON COLUMN ops.jobs.last_status IS 'Success or Failed; null before the first run, and during one';
COMMENT ON COLUMN ops.jobs.last_duration IS 'How long that took';
COMMENT ON COLUMN ops.jobs.last_success IS 'When it last ended well';
COMMENT ON COLUMN ops.jobs.next_run IS 'When it will run again, or should have; null while it runs';
COMMENT ON COLUMN ops.jobs.runs IS 'Runs so far';
COMMENT ON COLUMN ops.jobs.failures IS 'Failed runs so far';
COMMENT ON COLUMN ops.jobs.consecutive_failures IS 'Failed runs since the last success';
COMMENT ON COLUMN ops.jobs.last_error IS 'What the latest failure said; shown to the owner';

-- A week, so that a weekend without trade hides no instrument. From the hourly aggregate where that is stored, because
-- the base is 60 times as long; the newest candle of each instrument is then looked up.
DO $$
BEGIN
  IF '${edition}' = 'community' THEN
    CREATE VIEW ops.freshness AS
    SELECT
      i.symbol,
      i.source,
      n."timestamp",
      now() - (n."timestamp" + INTERVAL '${candles.interval}') AS lag
    FROM (
      SELECT symbol, source, max(bucket) AS newest
      FROM market_data_1h
      WHERE bucket > (SELECT max("timestamp") FROM market_data) - INTERVAL '7 days'
      GROUP BY symbol, source
    ) i
    CROSS JOIN LATERAL (
      SELECT max(m."timestamp") AS "timestamp"
      FROM market_data m
      WHERE m.symbol = i.symbol
        AND m.source = i.source
        AND m."timestamp" >= i.newest
    ) n
    WHERE n."timestamp" IS NOT NULL;
  ELSE
    CREATE VIEW ops.freshness AS
    SELECT
      symbol,
      source,
      max("timestamp") AS "timestamp",
      now() - (max("timestamp") + INTERVAL '${candles.interval}') AS lag
    FROM market_data
    WHERE "timestamp" > (SELECT max("timestamp") FROM market_data) - INTERVAL '7 days'
    GROUP BY symbol, source;
  END IF;
END
$$;

COMMENT ON VIEW ops.freshness IS
  'Newest candle of each instrument that has traded within the week before the newest of all; one that has come by a'
  ' backfill shows when the aggregates are refreshed';
COMMENT ON COLUMN ops.freshness.symbol IS 'Instrument, as its venue names it';
COMMENT ON COLUMN ops.freshness.source IS 'Venue';
COMMENT ON COLUMN ops.freshness."timestamp" IS 'Start of its newest candle';
COMMENT ON COLUMN ops.freshness.lag IS 'How long that candle has been over';

-- As a function, because pg_stat_statements may come or go at any time, in any schema.
CREATE FUNCTION ops.statements()
RETURNS TABLE (
  query text,
  calls bigint,
  mean_ms double precision,
  max_ms double precision,
  total_ms double precision,
  rows bigint,
  hit_ratio double precision
)
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
  extension regnamespace := (SELECT extnamespace FROM pg_extension WHERE extname = 'pg_stat_statements');
BEGIN
  -- Installed, ours to look into, and loaded with the server.
  IF extension IS NULL
    OR NOT has_schema_privilege(extension, 'USAGE')
    OR NOT EXISTS (SELECT FROM pg_settings WHERE name = 'pg_stat_statements.max')
  THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format(
    $query$
    SELECT
      query,
      calls,
      mean_exec_time,
      max_exec_time,
      total_exec_time,
      rows,
      shared_blks_hit / nullif(shared_blks_hit + shared_blks_read, 0)::float8
    FROM %s.pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    $query$,
    extension
  );
END
$$;

COMMENT ON FUNCTION ops.statements() IS 'pg_stat_statements of this database; no rows where the extension is not in use, or not for us';

CREATE VIEW ops.slow_queries AS
SELECT *
FROM ops.statements()
ORDER BY mean_ms DESC;

COMMENT ON VIEW ops.slow_queries IS
  'Statements by their mean time, the slowest first; empty without pg_stat_statements. Those of others show their text to'
  ' members of pg_read_all_stats';
COMMENT ON COLUMN ops.slow_queries.query IS 'Statement, its constants replaced by parameters';
COMMENT ON COLUMN ops.slow_queries.calls IS 'How often it ran';
COMMENT ON COLUMN ops.slow_queries.mean_ms IS 'Mean time in milliseconds';
COMMENT ON COLUMN ops.slow_queries.max_ms IS 'Longest time in milliseconds';
COMMENT ON COLUMN ops.slow_queries.total_ms IS 'Time of all calls in milliseconds';
COMMENT ON COLUMN ops.slow_queries.rows IS 'Rows it returned or changed, in all';
COMMENT ON COLUMN ops.slow_queries.hit_ratio IS 'Share of its pages that were found in shared buffers, 0 to 1';
