-- Why: what was rejected can become part of its candle after all, when the rules have changed or the candle is rebuilt. The
-- row stays, as a record of what has happened, and must not be replayed again.
-- Cost on a populated table: none, the column is null at first.

ALTER TABLE rejected_ticks ADD COLUMN replayed_at timestamptz;

COMMENT ON COLUMN rejected_ticks.replayed_at IS 'Since when it is part of its candle after all; null while it is not';
