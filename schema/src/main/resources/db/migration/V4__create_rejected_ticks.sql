-- Why: no tick vanishes. What cannot become part of a candle is kept with its raw bytes and every reason, so that it can
-- be explained, and replayed when the cause is gone.
-- Cost on a populated table: none, the table is new.
--
-- The key is where the tick came from, so that a replay adds no second row. Chunks of a week: rejects are few, and
-- records with absurd timestamps would otherwise have a chunk each.

CREATE TABLE rejected_ticks (
  stream text NOT NULL DEFAULT 'ticks',
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  item integer NOT NULL,
  record_timestamp timestamptz NOT NULL,
  reasons text[] NOT NULL,
  source text,
  symbol text,
  "timestamp" timestamptz,
  raw bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT rejected_ticks_pkey PRIMARY KEY (record_timestamp, topic, partition, "offset", item),
  CONSTRAINT rejected_ticks_record_timestamp_check CHECK (isfinite(record_timestamp)),
  CONSTRAINT rejected_ticks_stream_check CHECK (stream <> ''),
  CONSTRAINT rejected_ticks_reasons_check CHECK (cardinality(reasons) > 0)
);

DO $$
BEGIN
  IF '${edition}' IN ('community', 'apache') THEN
    -- The primary key begins with the time, so the default index by time would be a second one.
    PERFORM create_hypertable(
      'rejected_ticks',
      by_range('record_timestamp', INTERVAL '7 days'),
      create_default_indexes => false
    );
  END IF;
END
$$;

-- For "which ticks were rejected for this reason": reasons @> '{LATE}'. Beside a range of record_timestamp, which the
-- key serves, it finds the rare reason among many common ones.
CREATE INDEX rejected_ticks_reasons_idx
ON rejected_ticks USING gin (reasons);

-- For "what was rejected of this instrument", newest first.
CREATE INDEX rejected_ticks_symbol_record_timestamp_idx
ON rejected_ticks (symbol, record_timestamp DESC);

COMMENT ON TABLE rejected_ticks IS
  'Input that became part of no candle, with its raw bytes and every reason; one row for each place it came from';
COMMENT ON COLUMN rejected_ticks.stream IS 'Which of the job''s inputs it came by';
COMMENT ON COLUMN rejected_ticks.topic IS 'Kafka topic, or the path of a file';
COMMENT ON COLUMN rejected_ticks.partition IS 'Partition of the topic; 0 for a file';
COMMENT ON COLUMN rejected_ticks."offset" IS 'Offset in the partition, or position in the file';
COMMENT ON COLUMN rejected_ticks.item IS 'Position within the record, from 0, where one record holds several ticks';
COMMENT ON COLUMN rejected_ticks.record_timestamp IS 'Timestamp of the Kafka record';
COMMENT ON COLUMN rejected_ticks.reasons IS 'All reasons that apply, at least one';
COMMENT ON COLUMN rejected_ticks.source IS 'Venue, where it could be read';
COMMENT ON COLUMN rejected_ticks.symbol IS 'Instrument, where it could be read';
COMMENT ON COLUMN rejected_ticks."timestamp" IS 'The tick''s own timestamp, where it could be read';
COMMENT ON COLUMN rejected_ticks.raw IS 'The bytes as they came';
COMMENT ON COLUMN rejected_ticks.created_at IS 'When the row was written; the first verdict stands';
