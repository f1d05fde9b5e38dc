-- Why: a timeframe's own indicators, EMA-9 of five-minute closes for one, are no summary of the base's: they are computed
-- from the timeframe's candles. They have a table for each timeframe, because each timeframe is kept for a time of its
-- own; prices and volumes are not repeated, they are in market_data_5m … _1d. Only the number of trades is: by it an upsert
-- knows a candle that was read in part, by a replay or an attempt that is over, and leaves the fuller one alone.
-- Cost on a populated table: none, the tables are new.

DO $$
DECLARE
  timeframe record;
  indicator record;
BEGIN
  FOR timeframe IN SELECT * FROM timeframes() LOOP
    EXECUTE format(
      $create$
      CREATE TABLE indicators_%1$s (
        symbol text COLLATE "C" NOT NULL,
        source text COLLATE "C" NOT NULL,
        "timestamp" timestamptz NOT NULL,
        trades bigint NOT NULL,
        ema_9 double precision,
        ema_21 double precision,
        ema_50 double precision,
        ema_200 double precision,
        rsi_14 double precision,
        macd double precision,
        macd_signal double precision,
        macd_histogram double precision,
        bb_upper double precision,
        bb_middle double precision,
        bb_lower double precision,
        atr_14 double precision,
        trend_direction text COLLATE "C",
        volatility_regime text COLLATE "C",
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT indicators_%1$s_pkey PRIMARY KEY (symbol, "timestamp", source),
        CONSTRAINT indicators_%1$s_symbol_check CHECK (symbol <> ''),
        CONSTRAINT indicators_%1$s_source_check CHECK (source <> ''),
        CONSTRAINT indicators_%1$s_timestamp_check
          CHECK (isfinite("timestamp") AND date_bin(%2$L, "timestamp", 'epoch') = "timestamp"),
        CONSTRAINT indicators_%1$s_trades_check CHECK (trades >= 0),
        CONSTRAINT indicators_%1$s_rsi_14_check CHECK (rsi_14 BETWEEN 0 AND 100),
        CONSTRAINT indicators_%1$s_bb_check CHECK (bb_lower <= bb_middle AND bb_middle <= bb_upper),
        CONSTRAINT indicators_%1$s_atr_14_check CHECK (atr_14 >= 0),
        CONSTRAINT indicators_%1$s_trend_direction_check
          CHECK (trend_direction IN ('UP', 'DOWN', 'SIDEWAYS')),
        CONSTRAINT indicators_%1$s_volatility_regime_check
          CHECK (volatility_regime IN ('LOW', 'NORMAL', 'HIGH', 'EXTREME'))
      )
      $create$,
      timeframe.name, timeframe.width
    );

    IF '${edition}' IN ('community', 'apache') THEN
      -- The key serves what the default index, by time alone, would: rows are asked for by instrument.
      PERFORM create_hypertable(
        format('indicators_%s', timeframe.name)::regclass,
        by_range('timestamp', timeframe.chunk),
        create_default_indexes => false
      );
    END IF;
    IF '${edition}' = 'community' THEN
      EXECUTE format(
        $alter$
        ALTER TABLE indicators_%s SET (
          timescaledb.enable_columnstore,
          timescaledb.segmentby = 'symbol, source',
          timescaledb.orderby = '"timestamp" DESC'
        )
        $alter$,
        timeframe.name
      );
    END IF;

    EXECUTE format(
      'COMMENT ON TABLE indicators_%1$s IS ''Indicators of candles of %2$s, computed from these; the candles'
      || ' themselves are in market_data_%1$s''',
      timeframe.name, timeframe.words
    );
    FOR indicator IN
      SELECT own.attname AS name, col_description(base.attrelid, base.attnum) AS comment
      FROM pg_attribute own
      JOIN pg_attribute base ON base.attrelid = 'market_data'::regclass AND base.attname = own.attname
      WHERE own.attrelid = format('indicators_%s', timeframe.name)::regclass
        AND own.attnum > 0
    LOOP
      EXECUTE format(
        'COMMENT ON COLUMN indicators_%s.%I IS %L',
        timeframe.name,
        indicator.name,
        CASE indicator.name
          WHEN 'timestamp' THEN 'Start of the candle; a multiple of its width since midnight, UTC'
          ELSE indicator.comment
        END
      );
    END LOOP;
  END LOOP;
END
$$;

CREATE VIEW timeframe_indicators AS
SELECT '5m' AS timeframe, * FROM indicators_5m
UNION ALL
SELECT '15m', * FROM indicators_15m
UNION ALL
SELECT '1h', * FROM indicators_1h
UNION ALL
SELECT '1d', * FROM indicators_1d;

COMMENT ON VIEW timeframe_indicators IS 'The indicators of every timeframe above the base, each computed from its own candles';

DO $$
DECLARE
  indicator record;
BEGIN
  COMMENT ON COLUMN timeframe_indicators.timeframe IS '5m, 15m, 1h or 1d';
  FOR indicator IN
    SELECT attname AS name, col_description(attrelid, attnum) AS comment
    FROM pg_attribute
    WHERE attrelid = 'indicators_5m'::regclass
      AND attnum > 0
  LOOP
    EXECUTE format('COMMENT ON COLUMN timeframe_indicators.%I IS %L', indicator.name, indicator.comment);
  END LOOP;
END
$$;
