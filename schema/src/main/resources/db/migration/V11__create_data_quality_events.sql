-- Why: a tick can pass every rule and still be wrong, and what does not come breaks no rule at all. Whoever trusts the
-- candles wants to see what looked wrong in the ticks they are made of, and when a feed fell silent.
-- Cost on a populated table: none, the table is new.
--
-- The key is what happened to which instrument, at the event time of the tick it is about, so that a replay adds no second
-- row. It serves "what was wrong with this instrument, from when to when" as well. The index by kind and time is for what
-- is watched: "the latest spikes of all instruments" would otherwise read whole chunks. Events are rare beside candles, so
-- one more index costs little; what else is asked of details is asked of few rows. Chunks of a week, for the same reason.

CREATE TABLE data_quality_events (
  kind text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  symbol text COLLATE "C" NOT NULL,
  "timestamp" timestamptz NOT NULL,
  identity text COLLATE "C" NOT NULL,
  trade_id text COLLATE "C",
  details jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT data_quality_events_pkey PRIMARY KEY (symbol, "timestamp", source, kind, identity),
  CONSTRAINT data_quality_events_kind_check CHECK (
    kind IN (
      'PRICE_SPIKE', 'SIZE_SPIKE', 'SEQUENCE_GAP', 'CONFLICTING_DUPLICATE', 'FEED_SILENT', 'FEED_RESUMED'
    )
  ),
  CONSTRAINT data_quality_events_source_check CHECK (source <> ''),
  CONSTRAINT data_quality_events_symbol_check CHECK (symbol <> ''),
  CONSTRAINT data_quality_events_timestamp_check CHECK (isfinite("timestamp")),
  CONSTRAINT data_quality_events_details_check CHECK (jsonb_typeof(details) = 'object')
);

DO $$
BEGIN
  IF '${edition}' IN ('community', 'apache') THEN
    PERFORM create_hypertable(
      'data_quality_events',
      by_range('timestamp', INTERVAL '7 days'),
      create_default_indexes => false
    );
  END IF;
END
$$;

-- For "the latest events of this kind", of all instruments.
CREATE INDEX data_quality_events_kind_timestamp_idx
ON data_quality_events (kind, "timestamp" DESC);

COMMENT ON TABLE data_quality_events IS
  'What looked wrong in ticks that passed the rules, and in feeds; one row for each time it did';
COMMENT ON COLUMN data_quality_events.kind IS
  'PRICE_SPIKE, SIZE_SPIKE, SEQUENCE_GAP, CONFLICTING_DUPLICATE, FEED_SILENT or FEED_RESUMED';
COMMENT ON COLUMN data_quality_events.source IS 'Venue';
COMMENT ON COLUMN data_quality_events.symbol IS 'Instrument, as its venue names it';
COMMENT ON COLUMN data_quality_events."timestamp" IS
  'When the tick happened that it is about: of a gap the first after it, of a silence the last before it';
COMMENT ON COLUMN data_quality_events.identity IS
  'What tells it from others of its kind at its moment: the trade id of the tick, or the place where it was read; of a gap'
  ' the number after it; of a conflicting duplicate all that it says';
COMMENT ON COLUMN data_quality_events.trade_id IS 'Trade id of that tick, where it has one; none for a gap';
COMMENT ON COLUMN data_quality_events.details IS
  'What was found, by kind; numbers exact, origin as topic or path/partition/offset/item'
  ' (PRICE_SPIKE: price, median, deviation, mad; SIZE_SPIKE: size, median, ratio, mad_ratio;'
  ' SEQUENCE_GAP: field, from, to, missing; CONFLICTING_DUPLICATE: price, size, side;'
  ' FEED_SILENT: silent_after; FEED_RESUMED: next_timestamp_micros, next_trade_id, next_origin)';
COMMENT ON COLUMN data_quality_events.created_at IS 'When the row was written; the first stands';

CREATE VIEW ops.data_quality AS
SELECT
  date_trunc('day', "timestamp", 'UTC') AS day,
  source,
  kind,
  count(*) AS events,
  count(DISTINCT symbol) AS instruments,
  max("timestamp") AS latest
FROM data_quality_events
GROUP BY 1, 2, 3;

COMMENT ON VIEW ops.data_quality IS 'How much looked wrong, by day (UTC), venue and kind';
COMMENT ON COLUMN ops.data_quality.day IS 'Start of the day, by the time of the events';
COMMENT ON COLUMN ops.data_quality.source IS 'Venue';
COMMENT ON COLUMN ops.data_quality.kind IS 'Kind of the events';
COMMENT ON COLUMN ops.data_quality.events IS 'How many';
COMMENT ON COLUMN ops.data_quality.instruments IS 'Of how many instruments';
COMMENT ON COLUMN ops.data_quality.latest IS 'Time of the latest';
