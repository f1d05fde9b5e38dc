-- Why: what a database was migrated for must not change under it. Tables of one edition are not those of another, and
-- candles of two intervals in one table would be a silent mixture. Both are fixed here, with the first migration.
-- Cost on a populated table: none, the table is new and small.

CREATE TABLE candlestream_settings (
  name text NOT NULL,
  value text NOT NULL,
  CONSTRAINT candlestream_settings_pkey PRIMARY KEY (name)
);

COMMENT ON TABLE candlestream_settings IS 'What this database was migrated for; fixed for its life';
COMMENT ON COLUMN candlestream_settings.name IS 'edition or candles.interval';
COMMENT ON COLUMN candlestream_settings.value IS
  'edition: community, apache or postgres; candles.interval: an ISO 8601 duration, as PT1M';

INSERT INTO candlestream_settings (name, value)
VALUES
  ('edition', '${edition}'),
  ('candles.interval', '${candles.interval}');
