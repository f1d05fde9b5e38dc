-- Why: the base candles with their indicators, one row for each instrument and interval; what the whole pipeline writes
-- and every reader reads.
-- Cost on a populated table: none, the table is new.
--
-- Prices and sums are numeric without precision or scale, because no fixed scale fits every market and no digit may be
-- rounded away. vwap is not checked against low and high: it is rounded, to 18 fractional digits, and they are not.
--
-- NaN, to numeric, is more than Infinity: less than that, a number is a number.
--
-- Names are compared by their bytes (COLLATE "C"): faster than by a locale, of use to LIKE 'BTC%', and no index breaks
-- when an operating system changes its locales.
--
-- What the indexes beyond the key cost and save (deploy/bench/database.sh, 500 symbols, two cores): writing with the key
-- alone is 1.00; with (symbol, trend_direction, timestamp) 0.73, with (timestamp, symbol) 0.84, with both 0.61. They take 45
-- and 41 bytes a row, the key 91. For that, the newest 100 rows of a rare trend come 12 times faster (1.4 ms), five minutes
-- of all symbols 4 times (8 ms), and the newest time of all at once (0.03 ms) instead of after a scan (228 ms), which
-- freshness asks for on every probe. Who never asks for these can drop them: no part of candlestream but speed needs them.

CREATE TABLE market_data (
  symbol text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  "timestamp" timestamptz NOT NULL,
  open numeric NOT NULL,
  high numeric NOT NULL,
  low numeric NOT NULL,
  close numeric NOT NULL,
  volume numeric NOT NULL,
  buy_volume numeric NOT NULL,
  turnover numeric NOT NULL,
  vwap numeric,
  trades bigint NOT NULL,
  closed boolean NOT NULL DEFAULT true,
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
  CONSTRAINT market_data_pkey PRIMARY KEY (symbol, "timestamp", source),
  CONSTRAINT market_data_symbol_check CHECK (symbol <> ''),
  CONSTRAINT market_data_source_check CHECK (source <> ''),
  CONSTRAINT market_data_timestamp_check
    CHECK (isfinite("timestamp") AND date_bin('${candles.interval}', "timestamp", 'epoch') = "timestamp"),
  CONSTRAINT market_data_low_check CHECK (low > 0 AND low <= LEAST(open, close)),
  CONSTRAINT market_data_high_check CHECK (high >= GREATEST(open, close) AND high < 'Infinity'),
  CONSTRAINT market_data_volume_check CHECK (buy_volume >= 0 AND volume >= buy_volume AND volume < 'Infinity'),
  CONSTRAINT market_data_turnover_check CHECK (turnover >= 0 AND turnover < 'Infinity'),
  CONSTRAINT market_data_vwap_check CHECK ((vwap IS NULL) = (volume = 0) AND vwap < 'Infinity'),
  CONSTRAINT market_data_trades_check CHECK (trades > 0 OR (trades = 0 AND volume = 0)),
  CONSTRAINT market_data_rsi_14_check CHECK (rsi_14 BETWEEN 0 AND 100),
  CONSTRAINT market_data_bb_check CHECK (bb_lower <= bb_middle AND bb_middle <= bb_upper),
  CONSTRAINT market_data_atr_14_check CHECK (atr_14 >= 0),
  CONSTRAINT market_data_trend_direction_check CHECK (trend_direction IN ('UP', 'DOWN', 'SIDEWAYS')),
  CONSTRAINT market_data_volatility_regime_check CHECK (volatility_regime IN ('LOW', 'NORMAL', 'HIGH', 'EXTREME'))
);

DO $$
BEGIN
  IF '${edition}' IN ('community', 'apache') THEN
    -- The two indexes below serve what the default one, by time alone, would.
    PERFORM create_hypertable(
      'market_data',
      by_range('timestamp', INTERVAL '1 day'),
      create_default_indexes => false
    );
  END IF;
  IF '${edition}' = 'community' THEN
    ALTER TABLE market_data SET (
      timescaledb.enable_columnstore,
      timescaledb.segmentby = 'symbol, source',
      timescaledb.orderby = '"timestamp" DESC'
    );
  END IF;
END
$$;

-- For scans of one instrument by trend, newest first.
CREATE INDEX market_data_symbol_trend_direction_timestamp_idx
ON market_data (symbol, trend_direction, "timestamp" DESC);

-- For the newest candles of all instruments, and for whatever is asked by time alone.
CREATE INDEX market_data_timestamp_symbol_idx
ON market_data ("timestamp" DESC, symbol);

COMMENT ON TABLE market_data IS
  'Candles of the base interval (candlestream_settings) with their indicators, one row for each instrument and interval';
COMMENT ON COLUMN market_data.symbol IS 'Instrument, as its venue names it; with source, the instrument''s key';
COMMENT ON COLUMN market_data.source IS 'Venue of the trades';
COMMENT ON COLUMN market_data."timestamp" IS 'Start of the candle; a multiple of the interval since 1970 in UTC';
COMMENT ON COLUMN market_data.open IS 'Price of the first trade';
COMMENT ON COLUMN market_data.high IS 'Highest price';
COMMENT ON COLUMN market_data.low IS 'Lowest price';
COMMENT ON COLUMN market_data.close IS 'Price of the last trade';
COMMENT ON COLUMN market_data.volume IS 'Sum of the sizes, exact';
COMMENT ON COLUMN market_data.buy_volume IS 'Sum of the sizes of trades whose aggressor bought, exact';
COMMENT ON COLUMN market_data.turnover IS 'Sum of price x size, exact';
COMMENT ON COLUMN market_data.vwap IS
  'turnover / volume, rounded half-even to 18 fractional digits; null where volume is 0';
COMMENT ON COLUMN market_data.trades IS 'Number of trades';
COMMENT ON COLUMN market_data.closed IS 'False while the candle is provisional, because its interval has not ended';
COMMENT ON COLUMN market_data.ema_9 IS 'Exponential moving average of 9 closes; null until warm, as every indicator here';
COMMENT ON COLUMN market_data.ema_21 IS 'Exponential moving average of 21 closes';
COMMENT ON COLUMN market_data.ema_50 IS 'Exponential moving average of 50 closes';
COMMENT ON COLUMN market_data.ema_200 IS 'Exponential moving average of 200 closes';
COMMENT ON COLUMN market_data.rsi_14 IS 'Relative strength index of 14 closes (Wilder), 0 to 100';
COMMENT ON COLUMN market_data.macd IS 'EMA 12 - EMA 26 of the closes';
COMMENT ON COLUMN market_data.macd_signal IS 'EMA 9 of macd';
COMMENT ON COLUMN market_data.macd_histogram IS 'macd - macd_signal';
COMMENT ON COLUMN market_data.bb_upper IS 'Bollinger band: bb_middle + 2 population standard deviations';
COMMENT ON COLUMN market_data.bb_middle IS 'Bollinger band: mean of 20 closes';
COMMENT ON COLUMN market_data.bb_lower IS 'Bollinger band: bb_middle - 2 population standard deviations';
COMMENT ON COLUMN market_data.atr_14 IS 'Average true range of 14 candles (Wilder), in units of the price';
COMMENT ON COLUMN market_data.trend_direction IS
  'UP where ema_9 > ema_21 > ema_50, DOWN where ema_9 < ema_21 < ema_50, else SIDEWAYS';
COMMENT ON COLUMN market_data.volatility_regime IS
  'LOW, NORMAL, HIGH or EXTREME: rank of atr_14 / close among its last 100 values';
COMMENT ON COLUMN market_data.created_at IS 'When the row was first written';
COMMENT ON COLUMN market_data.updated_at IS 'When the row was last changed';
