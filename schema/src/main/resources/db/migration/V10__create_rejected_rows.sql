-- Why: one row that the database refuses, for a constraint somebody has added or a value out of range, must not stop the
-- flow of all others, nor vanish. It waits here, whole, until its cause is gone.
-- Cost on a populated table: none, the table is new.
--
-- One table for the refused rows of all tables: key and content are jsonb, which holds every digit of a number. The time
-- is the row's own, so that retention drops what is of candles that are dropped, too. Chunks of a week: refused rows are
-- few. An entry is never deleted but by retention: when its row has come in after all, or a newer one in its place, it is
-- marked as resolved.

CREATE TABLE rejected_rows (
  table_name text COLLATE "C" NOT NULL,
  key jsonb NOT NULL,
  "timestamp" timestamptz NOT NULL,
  content jsonb NOT NULL,
  sqlstate text COLLATE "C" NOT NULL,
  constraint_name text,
  reason text NOT NULL,
  refusals bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  CONSTRAINT rejected_rows_pkey PRIMARY KEY (table_name, key, "timestamp"),
  CONSTRAINT rejected_rows_table_name_check CHECK (table_name <> ''),
  CONSTRAINT rejected_rows_key_check CHECK (jsonb_typeof(key) = 'object' AND content @> key),
  CONSTRAINT rejected_rows_timestamp_check CHECK (isfinite("timestamp")),
  CONSTRAINT rejected_rows_sqlstate_check CHECK (sqlstate ~ '^2[23][0-9A-Z]{3}$'),
  CONSTRAINT rejected_rows_refusals_check CHECK (refusals > 0)
);

DO $$
BEGIN
  IF '${edition}' IN ('community', 'apache') THEN
    -- The key serves what is asked: whether a row is here. Nobody asks by time alone.
    PERFORM create_hypertable(
      'rejected_rows',
      by_range('timestamp', INTERVAL '7 days'),
      create_default_indexes => false
    );
  END IF;
END
$$;

-- For "does any row of this table wait", which writers ask, and for those that wait, which a replay reads.
CREATE INDEX rejected_rows_waiting_idx
ON rejected_rows (table_name)
WHERE resolved_at IS NULL;

COMMENT ON TABLE rejected_rows IS
  'Rows that the database refused, whole and with its reason; one for each key, of which the newest version stands';
COMMENT ON COLUMN rejected_rows.table_name IS 'Table that the row was for';
COMMENT ON COLUMN rejected_rows.key IS 'Its primary key there, by column';
COMMENT ON COLUMN rejected_rows."timestamp" IS 'The time in its key; 1970 where it has none';
COMMENT ON COLUMN rejected_rows.content IS 'The whole row, by column; numbers with every digit';
COMMENT ON COLUMN rejected_rows.sqlstate IS 'PostgreSQL''s code of the reason: 22… a value that cannot be, 23… a constraint';
COMMENT ON COLUMN rejected_rows.constraint_name IS 'Constraint that it violates, if it is one';
COMMENT ON COLUMN rejected_rows.reason IS 'What the database said';
COMMENT ON COLUMN rejected_rows.refusals IS 'How often a row of this key has been refused';
COMMENT ON COLUMN rejected_rows.created_at IS 'When a row of this key was first refused';
COMMENT ON COLUMN rejected_rows.updated_at IS 'When the writer last brought one; replay_rejected_rows leaves this as it is';
COMMENT ON COLUMN rejected_rows.resolved_at IS
  'When it came in after all, or a newer one in its place; null while it waits';

-- One transaction for each row: an error, or an interruption, undoes nothing that is done. The entry is locked first, as
-- by a writer that brings the same row again: whichever comes second sees what the first has done.
CREATE PROCEDURE replay_rejected_rows("table" text DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
  waiting record;
  entry record;
  relation regclass;
  key_columns text[];
  columns text[];
  statement text;
  said_sqlstate text;
  said_constraint text;
  said_reason text;
  written bigint := 0;
  refused bigint := 0;
BEGIN
  FOR waiting IN
    SELECT r.table_name, r.key, r."timestamp"
    FROM public.rejected_rows r
    WHERE r.resolved_at IS NULL
      AND ("table" IS NULL OR r.table_name = "table")
    ORDER BY r.table_name, r."timestamp", r.key
  LOOP
    SELECT r.content, r.updated_at
    INTO entry
    FROM public.rejected_rows r
    WHERE r.table_name = waiting.table_name
      AND r.key = waiting.key
      AND r."timestamp" = waiting."timestamp"
      AND r.resolved_at IS NULL
    FOR UPDATE;
    IF FOUND THEN
      relation := format('public.%I', waiting.table_name)::regclass;
      -- Entries are what writers say they are: what the owner replays must be what they may write.
      IF to_regrole('candlestream_writer') IS NOT NULL
        AND NOT has_table_privilege('candlestream_writer', relation, 'INSERT')
      THEN
        RAISE EXCEPTION 'rejected_rows has a row for %, which no writer writes', relation
          USING ERRCODE = 'insufficient_privilege';
      END IF;
      SELECT array_agg(format('%I', name)) INTO columns FROM jsonb_object_keys(entry.content) name;
      SELECT array_agg(format('%I', name)) INTO key_columns FROM jsonb_object_keys(waiting.key) name;

      statement := format(
        'INSERT INTO %1$s AS stored (%2$s) SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, $1)'
        || ' ON CONFLICT (%3$s) DO ',
        relation, array_to_string(columns, ', '), array_to_string(key_columns, ', ')
      );
      -- As the writers do it: a table that does not say when a row was changed is one whose rows do not change.
      IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = relation AND attname = 'updated_at' AND NOT attisdropped) THEN
        SELECT statement || format(
          'UPDATE SET %s, updated_at = now() WHERE ROW(%s) IS DISTINCT FROM ROW(%s) AND %s',
          string_agg(format('%1$s = excluded.%1$s', name), ', '),
          string_agg(format('stored.%s', name), ', '),
          string_agg(format('excluded.%s', name), ', '),
          -- Never a closed candle by an open one, nor any by one of fewer trades; nor one as good that has been changed
          -- since. In this order false comes before true.
          CASE
            WHEN 'closed' = ANY (columns)
              THEN '(excluded.closed, excluded.trades, $2) >= (stored.closed, stored.trades, stored.updated_at)'
            WHEN 'trades' = ANY (columns)
              THEN '(excluded.trades, $2) >= (stored.trades, stored.updated_at)'
            ELSE '$2 >= stored.updated_at'
          END
        )
        INTO statement
        FROM unnest(columns) name
        WHERE name <> ALL (key_columns);
      ELSE
        statement := statement || 'NOTHING';
      END IF;

      BEGIN
        -- Without a limit, or an upsert into a compressed chunk of TimescaleDB fails with 53400.
        PERFORM set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true);
        EXECUTE statement USING entry.content, entry.updated_at;
        UPDATE public.rejected_rows r
        SET resolved_at = now()
        WHERE r.table_name = waiting.table_name
          AND r.key = waiting.key
          AND r."timestamp" = waiting."timestamp";
        written := written + 1;
      EXCEPTION
        WHEN data_exception OR integrity_constraint_violation THEN
          GET STACKED DIAGNOSTICS
            said_sqlstate = RETURNED_SQLSTATE,
            said_constraint = CONSTRAINT_NAME,
            said_reason = MESSAGE_TEXT;
          UPDATE public.rejected_rows r
          SET
            refusals = r.refusals + 1,
            sqlstate = said_sqlstate,
            constraint_name = nullif(said_constraint, ''),
            reason = said_reason
          WHERE r.table_name = waiting.table_name
            AND r.key = waiting.key
            AND r."timestamp" = waiting."timestamp";
          refused := refused + 1;
      END;
    END IF;
    COMMIT;
  END LOOP;
  RAISE NOTICE 'replayed % rows; % were refused again', written, refused;
END
$$;

COMMENT ON PROCEDURE replay_rejected_rows(text) IS
  'Writes the rows that wait in rejected_rows, of one table or of all, by the rules of the job''s writers: a row gives way'
  ' to none of fewer trades, a closed candle to none that is open, and none to one that is older. Those that go in are'
  ' marked as resolved. Outside a transaction';

REVOKE EXECUTE ON PROCEDURE replay_rejected_rows(text) FROM PUBLIC;
