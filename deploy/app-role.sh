#!/bin/sh
# Runs once, when the primary's data directory is made: the role of web and workers, which migrations give their rights.
# On data that were made before: docs/deployment.md.
set -eu
psql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --quiet --set=ON_ERROR_STOP=1 \
  --set=password="$POSTGRES_APP_PASSWORD" <<'SQL'
CREATE ROLE upscrolled_app LOGIN PASSWORD :'password';
SQL
