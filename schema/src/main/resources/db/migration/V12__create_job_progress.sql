-- Why: a job that is started again without its state must know from where on to read. Its candles do not tell: its writers
-- are not in step, and when it was killed the rows of one may have been behind those of another.
-- Cost on a populated table: none, the table is new; a job has one row.

CREATE TABLE job_progress (
  job text COLLATE "C" NOT NULL,
  stored_until timestamptz NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT job_progress_pkey PRIMARY KEY (job),
  CONSTRAINT job_progress_job_check CHECK (job <> ''),
  CONSTRAINT job_progress_stored_until_check CHECK (isfinite(stored_until))
);

COMMENT ON TABLE job_progress IS 'How far each job had come at its last checkpoint: where it goes on without its state';
COMMENT ON COLUMN job_progress.job IS 'Its source.kafka.group-id';
COMMENT ON COLUMN job_progress.stored_until IS
  'Candles that ended by then are stored, in all tables, as far as their ticks had come';
COMMENT ON COLUMN job_progress.updated_at IS 'When the checkpoint was complete';
