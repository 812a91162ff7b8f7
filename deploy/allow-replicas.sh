#!/bin/sh
# Runs once, when the primary's data directory is made: replicas may copy from within the private network.
# On data that were made before: docs/scaling.md.
set -eu
echo "host replication all samenet scram-sha-256" >> "$PGDATA/pg_hba.conf"
