-- Why: after a backfill, the aggregates must follow at once and not with the next scheduled refresh, which reaches back
-- only so far. And a refresh over time whose base candles retention has dropped would empty the aggregates there, without
-- a word: so what was dropped is remembered, and this refresh stays clear of it.
-- Cost on a populated table: none, no data is touched.

CREATE TABLE retention_horizon (
  relation text NOT NULL,
  dropped_before timestamptz NOT NULL,
  CONSTRAINT retention_horizon_pkey PRIMARY KEY (relation)
);

COMMENT ON TABLE retention_horizon IS 'Up to when rows have been dropped, as far as the policies in force do not tell';
COMMENT ON COLUMN retention_horizon.relation IS 'Table that retention drops from';
COMMENT ON COLUMN retention_horizon.dropped_before IS
  'Rows before this may have been dropped by a policy that has been changed since';

INSERT INTO retention_horizon (relation, dropped_before)
VALUES ('market_data', '-infinity');

-- plpgsql, as the view it asks is there on the community edition only.
CREATE FUNCTION retained_from() RETURNS timestamptz
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
  remembered constant timestamptz := (
    SELECT dropped_before FROM public.retention_horizon WHERE relation = 'market_data'
  );
  next_to_drop timestamptz;
BEGIN
  IF '${edition}' <> 'community' THEN
    RETURN '-infinity';
  END IF;
  -- A day more, as long as a chunk: retention may run while a refresh that began before it is still at work.
  SELECT max(now() - (config ->> 'drop_after')::interval + INTERVAL '1 day')
  INTO next_to_drop
  FROM timescaledb_information.jobs
  WHERE proc_name = 'policy_retention'
    AND hypertable_schema = 'public'
    AND hypertable_name = 'market_data';
  RETURN greatest(remembered, next_to_drop);
END
$$;

COMMENT ON FUNCTION retained_from() IS
  'From when on no policy has dropped candles that the continuous aggregates sum up; -infinity on editions without these';

CREATE PROCEDURE refresh_candles("from" timestamptz, "to" timestamptz)
LANGUAGE plpgsql
AS $$
DECLARE
  retained constant timestamptz := public.retained_from();
  timeframe record;
  stretch record;
  refresh_from timestamptz;
  refresh_to timestamptz;
BEGIN
  IF "from" IS NULL OR "to" IS NULL THEN
    RAISE EXCEPTION 'refresh_candles needs from and to: neither may be null'
      USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF "from" > "to" THEN
    RAISE EXCEPTION 'from % is after to %', "from", "to"
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF '${edition}' <> 'community' THEN
    RAISE NOTICE 'nothing to refresh: on edition ${edition}, the higher timeframes are views';
    RETURN;
  END IF;
  FOR timeframe IN
    -- No further than the scheduled refresh: a bucket that is materialised while it can still change is no longer computed
    -- as it is asked for.
    SELECT
      t.name,
      t.width,
      t.width - INTERVAL '1 microsecond' AS up,
      coalesce(
        (
          SELECT max(now() - (j.config ->> 'end_offset')::interval)
          FROM timescaledb_information.jobs j
          WHERE j.proc_name = 'policy_refresh_continuous_aggregate'
            AND j.hypertable_schema = 'public'
            AND j.hypertable_name = format('market_data_%s', t.name)
        ),
        now() - t.width
      ) AS latest
    FROM public.timeframes() t
  LOOP
    -- Whole buckets, outwards; but none that has lost base candles, and none that can still change.
    refresh_from := date_bin(timeframe.width, "from", 'epoch');
    IF refresh_from < retained THEN
      refresh_from := date_bin(timeframe.width, retained + timeframe.up, 'epoch');
      IF isfinite("from") THEN
        RAISE NOTICE 'market_data_%: refreshing from % on; candles before may have been dropped',
          timeframe.name, refresh_from;
      END IF;
    END IF;
    refresh_to := least(
      date_bin(timeframe.width, "to" + timeframe.up, 'epoch'),
      date_bin(timeframe.width, timeframe.latest, 'epoch')
    );
    -- Where there is no chunk, whatever dropped it, a refresh could only empty the aggregates.
    FOR stretch IN
      SELECT
        greatest(refresh_from, date_bin(timeframe.width, min(range_start) + timeframe.up, 'epoch')) AS "from",
        least(refresh_to, date_bin(timeframe.width, max(range_end), 'epoch')) AS "to"
      FROM (
        SELECT range_start, range_end, count(*) FILTER (WHERE begins) OVER (ORDER BY range_start) AS number
        FROM (
          SELECT
            range_start,
            range_end,
            range_start IS DISTINCT FROM lag(range_end) OVER (ORDER BY range_start) AS begins
          FROM timescaledb_information.chunks
          WHERE hypertable_schema = 'public'
            AND hypertable_name = 'market_data'
        ) chunk
      ) chunk
      GROUP BY number
      ORDER BY number
    LOOP
      IF stretch."from" < stretch."to" THEN
        CALL public.refresh_continuous_aggregate(
          format('public.market_data_%s', timeframe.name)::regclass,
          stretch."from",
          stretch."to"
        );
      END IF;
    END LOOP;
  END LOOP;
END
$$;

COMMENT ON PROCEDURE refresh_candles(timestamptz, timestamptz) IS
  'Brings the aggregates up to date with the base candles of a range of time, as far as these are still there. Buckets that'
  ' can still change are left out, as by the scheduled refresh: they are computed as they are asked for. For the owner,'
  ' outside a transaction';

REVOKE EXECUTE ON PROCEDURE refresh_candles(timestamptz, timestamptz) FROM PUBLIC;
