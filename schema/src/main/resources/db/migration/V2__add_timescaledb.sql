-- Why: hypertables need the extension in this database. A database of the postgres edition does without.
-- Cost on a populated table: none. Needs the right CREATE on the database, unless the extension is already there.

DO $$
BEGIN
  IF '${edition}' IN ('community', 'apache') THEN
    CREATE EXTENSION IF NOT EXISTS timescaledb;
  END IF;
END
$$;
