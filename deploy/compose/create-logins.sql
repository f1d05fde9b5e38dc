-- Run once by the database's image, on an empty volume and before the first migration: the roles that migrations grant
-- rights to, and the logins that are members of them. Passwords are read by psql, so they are in no argument list.
\set job_password `cat /run/secrets/database-password`
\set reader_password `cat /run/secrets/database-reader-password`

CREATE ROLE candlestream_writer;
CREATE ROLE candlestream_reader;
CREATE ROLE candlestream LOGIN PASSWORD :'job_password' IN ROLE candlestream_writer;
CREATE ROLE grafana LOGIN PASSWORD :'reader_password' IN ROLE candlestream_reader;
