-- Why: least privilege, whatever tables a migration has brought, and for roles that were created after it. Runs at the end
-- of every migration; a role that does not exist is left out.

DO $$
BEGIN
  IF to_regrole('candlestream_reader') IS NOT NULL THEN
    GRANT USAGE ON SCHEMA public, ops TO candlestream_reader;
    GRANT SELECT ON
      candlestream_settings, candlestream_schema_history, retention_horizon,
      market_data, market_data_5m, market_data_15m, market_data_1h, market_data_1d,
      indicators_5m, indicators_15m, indicators_1h, indicators_1d, timeframe_indicators,
      rejected_ticks, data_quality_events, rejected_rows, job_progress,
      trade_history, portfolio_positions, portfolio_snapshots,
      sentiment_data, sentiment_data_1h, sentiment_data_1d,
      ops.table_stats, ops.storage, ops.compression, ops.jobs, ops.freshness, ops.slow_queries, ops.data_quality,
      ops.portfolio
    TO candlestream_reader;
  END IF;
  IF to_regrole('candlestream_writer') IS NOT NULL THEN
    GRANT USAGE ON SCHEMA public, ops TO candlestream_writer;
    GRANT SELECT ON candlestream_settings, candlestream_schema_history, retention_horizon TO candlestream_writer;
    GRANT SELECT, INSERT, UPDATE ON
      market_data, indicators_5m, indicators_15m, indicators_1h, indicators_1d, rejected_ticks, data_quality_events,
      rejected_rows, job_progress, trade_history, portfolio_positions, portfolio_snapshots, sentiment_data
    TO candlestream_writer;
    -- The one table that rows are taken from again: a fill that comes late can close a position earlier than was known, and
    -- there is nothing to be said of it from then on.
    GRANT DELETE ON portfolio_snapshots TO candlestream_writer;
    -- What a job without state goes on from.
    GRANT SELECT ON market_data_5m, market_data_15m, market_data_1h, market_data_1d TO candlestream_writer;
    GRANT EXECUTE ON PROCEDURE replay_rejected_rows(text) TO candlestream_writer;
    -- What check and health look at, which are run with the job's configuration.
    GRANT SELECT ON ops.jobs TO candlestream_writer;
  END IF;
END
$$;
