-- Why: charts and backtests ask for five minutes to a day, and must not add up base candles each time. On the community
-- edition the higher timeframes are continuous aggregates, real-time: what is materialised is read, what is newer is
-- computed from the base. On the other editions they are views of the same names and columns.
-- Cost on a populated table: none now, nothing is materialised here (WITH NO DATA). The first refreshes then work
-- through what the base holds.
--
-- What a refresh costs (deploy/bench/database.sh, two cores): 2.4 to 4 microseconds for each base candle in the buckets
-- that have changed, the more the shorter the buckets. One bucket of 5m, 15m and 1h: with 500 symbols 24, 35 and 79 ms, with
-- 10,000 symbols 0.25, 0.43 and 1.6 s; a whole day of 500 symbols in 1.7 (1d) to 2.8 s (5m). At the default schedules, that
-- keeps a core busy for 0.02% of the time with 500 symbols, and for 0.2% with 10,000. A candle that comes late has its
-- buckets computed again for all instruments, at the next refresh.
--
-- Each stands directly over market_data: through a hierarchy, means and majorities would be wrong.
--
-- Chunks of an aggregate are long where its buckets are, so that a query of a timeframe's usual span meets few of them.
-- A bucket's majority is its most frequent word; of equally frequent ones, the first in the alphabet.

-- The one definition of vwap, the same as the pipeline's: exact up to the one rounding.
CREATE FUNCTION vwap(turnover numeric, volume numeric) RETURNS numeric
LANGUAGE plpgsql
IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
  units numeric;
  twice_the_rest numeric;
BEGIN
  IF volume = 0 THEN
    RETURN NULL;
  END IF;
  -- Whole units of 1e-18, by exact division; the operator / would round to digits of its own choice.
  units := div(turnover * 1e18, volume);
  twice_the_rest := 2 * (turnover * 1e18 - units * volume);
  IF twice_the_rest > volume OR (twice_the_rest = volume AND mod(units, 2) = 1) THEN
    units := units + 1;
  END IF;
  RETURN trim_scale(units * 1e-18);
END
$$;

COMMENT ON FUNCTION vwap(numeric, numeric) IS
  'turnover / volume, rounded half-even to 18 fractional digits; null where volume is 0. Neither may be negative';

-- The timeframes above the base, of each of which the migrations make one relation.
CREATE FUNCTION timeframes()
RETURNS TABLE (name text, words text, width interval, chunk interval)
LANGUAGE sql
IMMUTABLE
AS $$
  VALUES
    ('5m', 'five minutes', INTERVAL '5 minutes', INTERVAL '10 days'),
    ('15m', 'fifteen minutes', INTERVAL '15 minutes', INTERVAL '30 days'),
    ('1h', 'an hour', INTERVAL '1 hour', INTERVAL '60 days'),
    ('1d', 'a day in UTC', INTERVAL '1 day', INTERVAL '365 days')
$$;

COMMENT ON FUNCTION timeframes() IS
  'The timeframes above the base: name, the same in words, width, and how much time one chunk of it holds';

DO $$
DECLARE
  timescale constant boolean := '${edition}' IN ('community', 'apache');
  columns constant text := format(
    $columns$
    symbol,
    source,
    %s AS open,
    max(high) AS high,
    min(low) AS low,
    %s AS close,
    trim_scale(sum(volume)) AS volume,
    trim_scale(sum(buy_volume)) AS buy_volume,
    trim_scale(sum(turnover)) AS turnover,
    vwap(sum(turnover), sum(volume)) AS vwap,
    sum(trades)::bigint AS trades,
    avg(ema_9) AS ema_9,
    avg(ema_21) AS ema_21,
    avg(ema_50) AS ema_50,
    avg(ema_200) AS ema_200,
    avg(rsi_14) AS rsi_14,
    avg(macd) AS macd,
    avg(macd_signal) AS macd_signal,
    avg(macd_histogram) AS macd_histogram,
    avg(bb_upper) AS bb_upper,
    avg(bb_middle) AS bb_middle,
    avg(bb_lower) AS bb_lower,
    avg(atr_14) AS atr_14,
    mode() WITHIN GROUP (ORDER BY trend_direction) AS trend_direction,
    mode() WITHIN GROUP (ORDER BY volatility_regime) AS volatility_regime
    $columns$,
    CASE WHEN timescale THEN 'first(open, "timestamp")' ELSE '(array_agg(open ORDER BY "timestamp"))[1]' END,
    CASE WHEN timescale THEN 'last(close, "timestamp")' ELSE '(array_agg(close ORDER BY "timestamp" DESC))[1]' END
  );
  timeframe record;
  bucket text;
BEGIN
  FOR timeframe IN SELECT * FROM timeframes() LOOP
    -- Both begin a bucket at a multiple of its width since midnight, UTC. Only time_bucket tells TimescaleDB's planner
    -- which chunks a condition on the bucket leaves.
    bucket := format(
      CASE WHEN timescale THEN 'time_bucket(%L, "timestamp")' ELSE 'date_bin(%L, "timestamp", ''epoch'')' END,
      timeframe.width
    );
    IF '${edition}' = 'community' THEN
      EXECUTE format(
        $create$
        CREATE MATERIALIZED VIEW market_data_%s
        WITH (
          timescaledb.continuous,
          timescaledb.materialized_only = false,
          timescaledb.create_group_indexes = false,
          timescaledb.chunk_interval = %L
        ) AS
        SELECT %s AS bucket, %s
        FROM market_data
        GROUP BY bucket, symbol, source
        WITH NO DATA
        $create$,
        timeframe.name, timeframe.chunk, bucket, columns
      );
      -- For one instrument in a range of time, as candles() reads.
      EXECUTE format(
        'CREATE INDEX market_data_%1$s_symbol_bucket_source_idx ON market_data_%1$s (symbol, bucket, source)',
        timeframe.name
      );
      EXECUTE format(
        $alter$
        ALTER MATERIALIZED VIEW market_data_%s SET (
          timescaledb.enable_columnstore,
          timescaledb.segmentby = 'symbol, source',
          timescaledb.orderby = 'bucket DESC'
        )
        $alter$,
        timeframe.name
      );
    ELSE
      -- candles() reads the function, which takes no more of the base than it is asked for: a condition on a view's
      -- bucket is no condition on the base's time.
      EXECUTE format(
        $create$
        CREATE FUNCTION market_data_%1$s_between("from" timestamptz, "to" timestamptz)
        RETURNS TABLE (
          bucket timestamptz, symbol text, source text,
          open numeric, high numeric, low numeric, close numeric,
          volume numeric, buy_volume numeric, turnover numeric, vwap numeric, trades bigint,
          ema_9 float8, ema_21 float8, ema_50 float8, ema_200 float8, rsi_14 float8,
          macd float8, macd_signal float8, macd_histogram float8,
          bb_upper float8, bb_middle float8, bb_lower float8, atr_14 float8,
          trend_direction text, volatility_regime text
        )
        LANGUAGE sql
        STABLE
        BEGIN ATOMIC
          SELECT %2$s AS bucket, %3$s
          FROM market_data
          -- Rounded up to the start of a bucket.
          WHERE "timestamp" >= date_bin(%4$L, "from" + %4$L - INTERVAL '1 microsecond', 'epoch')
            AND "timestamp" < date_bin(%4$L, "to" + %4$L - INTERVAL '1 microsecond', 'epoch')
          GROUP BY bucket, symbol, source;
        END;

        CREATE VIEW market_data_%1$s AS
        SELECT %2$s AS bucket, %3$s
        FROM market_data
        GROUP BY bucket, symbol, source;

        COMMENT ON FUNCTION market_data_%1$s_between(timestamptz, timestamptz) IS
          'Rows of market_data_%1$s whose buckets begin at or after "from" and before "to"'
        $create$,
        timeframe.name, bucket, columns, timeframe.width
      );
    END IF;
  END LOOP;
END
$$;

DO $$
DECLARE
  timeframe record;
  view_column record;
BEGIN
  FOR timeframe IN SELECT * FROM timeframes() LOOP
    EXECUTE format(
      'COMMENT ON VIEW market_data_%1$s IS ''Candles of %2$s, one row for each instrument and bucket with base candles.'
      || ' Indicators sum up those of the base; the timeframe''''s own are in indicators_%1$s''',
      timeframe.name, timeframe.words
    );
    FOR view_column IN
      SELECT
        view.attname AS name,
        CASE
          WHEN view.attname = 'bucket' THEN 'Start of the candle; a multiple of its width since midnight, UTC'
          WHEN format_type(view.atttypid, NULL) = 'double precision' THEN
            format('Mean of %s of the base candles; nulls do not count', view.attname)
          WHEN view.attname IN ('trend_direction', 'volatility_regime') THEN
            format('The most frequent %s of the base candles, of equally frequent ones the first in the alphabet; nulls'
              || ' do not count', view.attname)
          ELSE col_description('market_data'::regclass, base.attnum)
        END AS comment
      FROM pg_attribute view
      LEFT JOIN pg_attribute base ON base.attrelid = 'market_data'::regclass AND base.attname = view.attname
      WHERE view.attrelid = format('market_data_%s', timeframe.name)::regclass
        AND view.attnum > 0
    LOOP
      EXECUTE format(
        'COMMENT ON COLUMN market_data_%s.%I IS %L', timeframe.name, view_column.name, view_column.comment
      );
    END LOOP;
  END LOOP;
END
$$;
