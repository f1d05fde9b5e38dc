-- Why: how the market is talked about, scored by whoever reads the news for us, beside how it trades; and its hourly and
-- daily means, so that nobody adds up single items for a chart.
-- Cost on a populated table: none, the table is new, and nothing is materialised here (WITH NO DATA). Comments of
-- rejected_ticks are widened, and refresh_candles and retained_from (V8) replaced by calls of what serves sentiment, too;
-- neither touches data.
--
-- An item is known by symbol, provider and item_id: one article may be scored for several instruments. The time is in the
-- key because a hypertable's key must hold it, and second because of what is asked: "this instrument, this period". No index
-- more: across instruments, one asks the aggregates. Chunks of a week: items are few beside ticks.
--
-- The aggregates are continuous and real-time on the community edition, views of the same names and columns elsewhere, as
-- those of market_data (V5). The daily one, too, stands directly over the items: a mean of hourly means would be wrong.
--
-- A refresh over time whose items retention has dropped would empty the aggregates there, without a word (V8): so what was
-- dropped is remembered as for market_data, and the refreshes of both stay clear of it in one procedure.
--
-- Rejected fills and sentiment go where rejected ticks go. No index by stream: rejects are few, and the key serves those of
-- a period, whatever they came by.

CREATE TABLE sentiment_data (
  symbol text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL,
  "timestamp" timestamptz NOT NULL,
  score numeric NOT NULL,
  magnitude numeric,
  text_ref text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT sentiment_data_pkey PRIMARY KEY (symbol, "timestamp", provider, item_id),
  CONSTRAINT sentiment_data_symbol_check CHECK (symbol <> ''),
  CONSTRAINT sentiment_data_provider_check CHECK (provider <> ''),
  CONSTRAINT sentiment_data_item_id_check CHECK (item_id <> ''),
  CONSTRAINT sentiment_data_timestamp_check CHECK (isfinite("timestamp")),
  CONSTRAINT sentiment_data_score_check CHECK (score BETWEEN -1 AND 1),
  -- NaN, to numeric, is more than Infinity.
  CONSTRAINT sentiment_data_magnitude_check CHECK (magnitude >= 0 AND magnitude < 'Infinity'),
  CONSTRAINT sentiment_data_text_ref_check CHECK (text_ref <> '')
);

DO $$
BEGIN
  IF '${edition}' IN ('community', 'apache') THEN
    PERFORM create_hypertable(
      'sentiment_data',
      by_range('timestamp', INTERVAL '7 days'),
      create_default_indexes => false
    );
  END IF;
  IF '${edition}' = 'community' THEN
    ALTER TABLE sentiment_data SET (
      timescaledb.enable_columnstore,
      timescaledb.segmentby = 'symbol, provider',
      timescaledb.orderby = '"timestamp" DESC'
    );
  END IF;
END
$$;

COMMENT ON TABLE sentiment_data IS 'What was said of an instrument, as a score; one row for each item and instrument';
COMMENT ON COLUMN sentiment_data.symbol IS 'Instrument; of no venue in particular';
COMMENT ON COLUMN sentiment_data.provider IS 'Who scored it';
COMMENT ON COLUMN sentiment_data.item_id IS
  'The provider''s id of what was said; with symbol and provider, what tells one item from another';
COMMENT ON COLUMN sentiment_data."timestamp" IS 'When it was said';
COMMENT ON COLUMN sentiment_data.score IS 'From -1, as bad as can be, to 1, as good as can be';
COMMENT ON COLUMN sentiment_data.magnitude IS
  'How much of it there is, by the provider''s measure, 0 or more; null where the provider does not say';
COMMENT ON COLUMN sentiment_data.text_ref IS 'Where the text is; null where the provider does not say';
COMMENT ON COLUMN sentiment_data.created_at IS 'When the row was first written';
COMMENT ON COLUMN sentiment_data.updated_at IS 'When the row was last changed';

DO $$
DECLARE
  columns constant text := $columns$
    symbol,
    provider,
    count(*) AS items,
    trim_scale(avg(score)) AS mean_score,
    trim_scale(min(score)) AS min_score,
    trim_scale(max(score)) AS max_score
  $columns$;
  timeframe record;
BEGIN
  FOR timeframe IN SELECT * FROM timeframes() WHERE name IN ('1h', '1d') LOOP
    IF '${edition}' = 'community' THEN
      EXECUTE format(
        $create$
        CREATE MATERIALIZED VIEW sentiment_data_%s
        WITH (
          timescaledb.continuous,
          timescaledb.materialized_only = false,
          timescaledb.create_group_indexes = false,
          timescaledb.chunk_interval = %L
        ) AS
        SELECT time_bucket(%L, "timestamp") AS bucket, %s
        FROM sentiment_data
        GROUP BY bucket, symbol, provider
        WITH NO DATA
        $create$,
        timeframe.name, timeframe.chunk, timeframe.width, columns
      );
      -- For one instrument in a range of time.
      EXECUTE format(
        'CREATE INDEX sentiment_data_%1$s_symbol_bucket_provider_idx ON sentiment_data_%1$s (symbol, bucket, provider)',
        timeframe.name
      );
      EXECUTE format(
        $alter$
        ALTER MATERIALIZED VIEW sentiment_data_%s SET (
          timescaledb.enable_columnstore,
          timescaledb.segmentby = 'symbol, provider',
          timescaledb.orderby = 'bucket DESC'
        )
        $alter$,
        timeframe.name
      );
    ELSE
      EXECUTE format(
        $create$
        CREATE VIEW sentiment_data_%s AS
        SELECT %s AS bucket, %s
        FROM sentiment_data
        GROUP BY bucket, symbol, provider
        $create$,
        timeframe.name,
        format(
          CASE
            WHEN '${edition}' = 'apache' THEN 'time_bucket(%L, "timestamp")'
            ELSE 'date_bin(%L, "timestamp", ''epoch'')'
          END,
          timeframe.width
        ),
        columns
      );
    END IF;
    EXECUTE format(
      $comment$
      COMMENT ON VIEW sentiment_data_%1$s IS
        'Sentiment of %2$s, one row for each instrument, provider and bucket with items; real-time';
      COMMENT ON COLUMN sentiment_data_%1$s.bucket IS 'Start of %2$s; a multiple of its width since midnight, UTC';
      COMMENT ON COLUMN sentiment_data_%1$s.symbol IS 'Instrument';
      COMMENT ON COLUMN sentiment_data_%1$s.provider IS 'Who scored it';
      COMMENT ON COLUMN sentiment_data_%1$s.items IS 'How many items';
      COMMENT ON COLUMN sentiment_data_%1$s.mean_score IS
        'Mean of their scores, each item counting the same; rounded to 16 significant digits or more';
      COMMENT ON COLUMN sentiment_data_%1$s.min_score IS 'Lowest score';
      COMMENT ON COLUMN sentiment_data_%1$s.max_score IS 'Highest score';
      $comment$,
      timeframe.name, timeframe.words
    );
  END LOOP;
END
$$;

INSERT INTO retention_horizon (relation, dropped_before)
VALUES ('sentiment_data', '-infinity');

-- What was made for candles (V8), for any hypertable with aggregates.

-- plpgsql, as the view it asks is there on the community edition only.
CREATE FUNCTION retained_from(of_relation text) RETURNS timestamptz
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
  remembered constant timestamptz := (
    SELECT dropped_before FROM public.retention_horizon WHERE relation = of_relation
  );
  next_to_drop timestamptz;
BEGIN
  IF '${edition}' <> 'community' THEN
    RETURN '-infinity';
  END IF;
  -- A day more: retention may run while a refresh that began before it is still at work.
  SELECT max(now() - (config ->> 'drop_after')::interval + INTERVAL '1 day')
  INTO next_to_drop
  FROM timescaledb_information.jobs
  WHERE proc_name = 'policy_retention'
    AND hypertable_schema = 'public'
    AND hypertable_name = of_relation;
  RETURN coalesce(greatest(remembered, next_to_drop), '-infinity');
END
$$;

COMMENT ON FUNCTION retained_from(text) IS
  'From when on no policy has dropped rows of a table that continuous aggregates sum up; -infinity on editions without these';

CREATE OR REPLACE FUNCTION retained_from() RETURNS timestamptz
LANGUAGE sql
STABLE
RETURN public.retained_from('market_data');

CREATE PROCEDURE refresh_aggregates(of_relation text, timeframes text[], "from" timestamptz, "to" timestamptz)
LANGUAGE plpgsql
AS $$
DECLARE
  retained constant timestamptz := public.retained_from(of_relation);
  timeframe record;
  stretch record;
  refresh_from timestamptz;
  refresh_to timestamptz;
BEGIN
  IF "from" IS NULL OR "to" IS NULL THEN
    RAISE EXCEPTION 'a refresh needs from and to: neither may be null'
      USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF "from" > "to" THEN
    RAISE EXCEPTION 'from % is after to %', "from", "to"
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF '${edition}' <> 'community' THEN
    RAISE NOTICE 'nothing to refresh: on edition ${edition}, the aggregates of % are views', of_relation;
    RETURN;
  END IF;
  FOR timeframe IN
    -- No further than the scheduled refresh: a bucket that is materialised while it can still change is no longer computed
    -- as it is asked for.
    SELECT
      a.name,
      t.width,
      t.width - INTERVAL '1 microsecond' AS up,
      coalesce(
        (
          SELECT max(now() - (j.config ->> 'end_offset')::interval)
          FROM timescaledb_information.jobs j
          WHERE j.proc_name = 'policy_refresh_continuous_aggregate'
            AND j.hypertable_schema = 'public'
            AND j.hypertable_name = a.name
        ),
        now() - t.width
      ) AS latest
    FROM public.timeframes() t
    CROSS JOIN LATERAL format('%s_%s', of_relation, t.name) a (name)
    WHERE t.name = ANY (timeframes)
  LOOP
    -- Whole buckets, outwards; but none that has lost rows, and none that can still change.
    refresh_from := date_bin(timeframe.width, "from", 'epoch');
    IF refresh_from < retained THEN
      refresh_from := date_bin(timeframe.width, retained + timeframe.up, 'epoch');
      IF isfinite("from") THEN
        RAISE NOTICE '%: refreshing from % on; rows of % before may have been dropped',
          timeframe.name, refresh_from, of_relation;
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
            AND hypertable_name = of_relation
        ) chunk
      ) chunk
      GROUP BY number
      ORDER BY number
    LOOP
      IF stretch."from" < stretch."to" THEN
        CALL public.refresh_continuous_aggregate(
          format('public.%s', timeframe.name)::regclass,
          stretch."from",
          stretch."to"
        );
      END IF;
    END LOOP;
  END LOOP;
END
$$;

COMMENT ON PROCEDURE refresh_aggregates(text, text[], timestamptz, timestamptz) IS
  'Brings the aggregates of a table, of some timeframes, up to date with its rows of a range of time, as far as these are'
  ' still there. Buckets that can still change are left out, as by the scheduled refresh: they are computed as they are'
  ' asked for. For the owner, outside a transaction';

CREATE OR REPLACE PROCEDURE refresh_candles("from" timestamptz, "to" timestamptz)
LANGUAGE plpgsql
AS $$
BEGIN
  CALL public.refresh_aggregates('market_data', ARRAY['5m', '15m', '1h', '1d'], "from", "to");
END
$$;

CREATE PROCEDURE refresh_sentiment("from" timestamptz, "to" timestamptz)
LANGUAGE plpgsql
AS $$
BEGIN
  CALL public.refresh_aggregates('sentiment_data', ARRAY['1h', '1d'], "from", "to");
END
$$;

COMMENT ON PROCEDURE refresh_sentiment(timestamptz, timestamptz) IS
  'What refresh_candles does, for the aggregates of sentiment';

REVOKE EXECUTE ON PROCEDURE refresh_aggregates(text, text[], timestamptz, timestamptz) FROM PUBLIC;
REVOKE EXECUTE ON PROCEDURE refresh_sentiment(timestamptz, timestamptz) FROM PUBLIC;

COMMENT ON TABLE rejected_ticks IS
  'Input that was not taken, of every stream, with its raw bytes and every reason; one row for each place it came from';
COMMENT ON COLUMN rejected_ticks.stream IS 'Which of the job''s inputs it came by: ticks, fills or sentiment';
COMMENT ON COLUMN rejected_ticks.item IS 'Position within the record, from 0, where one record holds several';
COMMENT ON COLUMN rejected_ticks.source IS 'Venue, or provider of sentiment, where it could be read';
COMMENT ON COLUMN rejected_ticks."timestamp" IS 'Its own timestamp, where it could be read';
COMMENT ON COLUMN rejected_ticks.replayed_at IS
  'Since when it is part of its candle, or of what else it is for, after all; null while it is not';
