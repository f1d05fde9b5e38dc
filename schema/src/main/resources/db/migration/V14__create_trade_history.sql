-- Why: one's own trades, as the venues report them: what every position is the sum of, and what books, taxes and disputes
-- are settled by.
-- Cost on a populated table: none, the table is new.
--
-- A fill is known by account, source, symbol and fill_id. The symbol is part of it because some venues, Binance for one,
-- number trades anew for each symbol: there, a number alone is the trade of another instrument, too. The time is in the key
-- because a hypertable's key must hold it, and second because of what is asked most: "this account, this period".
--
-- One index more, for "this account's trades of this instrument", newest first. It begins with the instrument and not with
-- the account, so that it serves "who traded this" as well; all trades of one account are found by the key. Fills are rare
-- beside ticks: what an index costs to write is not felt. By the time alone, whole chunks are read.
--
-- Chunks of a week: an account has tens to thousands of fills a day, and history is kept for ever by default; chunks of a
-- day would be thousands of nearly empty ones.

CREATE TABLE trade_history (
  account text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  symbol text COLLATE "C" NOT NULL,
  fill_id text COLLATE "C" NOT NULL,
  "timestamp" timestamptz NOT NULL,
  side text COLLATE "C" NOT NULL,
  price numeric NOT NULL,
  size numeric NOT NULL,
  currency text COLLATE "C" NOT NULL,
  fee numeric,
  fee_currency text COLLATE "C",
  order_id text COLLATE "C",
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT trade_history_pkey PRIMARY KEY (account, "timestamp", source, symbol, fill_id),
  CONSTRAINT trade_history_account_check CHECK (account <> ''),
  CONSTRAINT trade_history_source_check CHECK (source <> ''),
  CONSTRAINT trade_history_symbol_check CHECK (symbol <> ''),
  CONSTRAINT trade_history_fill_id_check CHECK (fill_id <> ''),
  CONSTRAINT trade_history_timestamp_check CHECK (isfinite("timestamp")),
  CONSTRAINT trade_history_side_check CHECK (side IN ('buy', 'sell')),
  -- NaN, to numeric, is more than Infinity.
  CONSTRAINT trade_history_price_check CHECK (price > 0 AND price < 'Infinity'),
  CONSTRAINT trade_history_size_check CHECK (size > 0 AND size < 'Infinity'),
  CONSTRAINT trade_history_currency_check CHECK (currency <> ''),
  CONSTRAINT trade_history_fee_check CHECK (fee > '-Infinity' AND fee < 'Infinity'),
  CONSTRAINT trade_history_fee_currency_check
    CHECK ((fee IS NULL) = (fee_currency IS NULL) AND fee_currency <> ''),
  CONSTRAINT trade_history_order_id_check CHECK (order_id <> '')
);

DO $$
BEGIN
  IF '${edition}' IN ('community', 'apache') THEN
    PERFORM create_hypertable(
      'trade_history',
      by_range('timestamp', INTERVAL '7 days'),
      create_default_indexes => false
    );
  END IF;
  IF '${edition}' = 'community' THEN
    -- Not by symbol too: a week of one account in one instrument is too little to fill a batch.
    ALTER TABLE trade_history SET (
      timescaledb.enable_columnstore,
      timescaledb.segmentby = 'account, source',
      timescaledb.orderby = '"timestamp" DESC'
    );
  END IF;
END
$$;

-- For the trades of one instrument, of one account or of all, newest first.
CREATE INDEX trade_history_symbol_source_account_timestamp_idx
ON trade_history (symbol, source, account, "timestamp" DESC);

COMMENT ON TABLE trade_history IS 'One''s own trades (fills), one row for each; what the positions are made of';
COMMENT ON COLUMN trade_history.account IS 'Whose trade it is';
COMMENT ON COLUMN trade_history.source IS 'Venue';
COMMENT ON COLUMN trade_history.symbol IS 'Instrument, as its venue names it';
COMMENT ON COLUMN trade_history.fill_id IS
  'The venue''s id of it; with account, source and symbol, what tells one fill from another';
COMMENT ON COLUMN trade_history."timestamp" IS 'When it was executed';
COMMENT ON COLUMN trade_history.side IS 'What the account did: buy or sell';
COMMENT ON COLUMN trade_history.price IS 'Price, in currency';
COMMENT ON COLUMN trade_history.size IS 'How much was traded';
COMMENT ON COLUMN trade_history.currency IS 'Currency of the price';
COMMENT ON COLUMN trade_history.fee IS 'What it cost beside the price, in fee_currency; below 0 a rebate; null where it says none';
COMMENT ON COLUMN trade_history.fee_currency IS 'Currency of the fee; null exactly where fee is';
COMMENT ON COLUMN trade_history.order_id IS 'The order that it fills; null where it says none';
COMMENT ON COLUMN trade_history.created_at IS 'When the row was first written';
COMMENT ON COLUMN trade_history.updated_at IS 'When the row was last changed';
