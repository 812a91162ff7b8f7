# Debian's PgBouncer, the one that is tested (1.18). It knows no prepared statements: prepare_threshold=none.
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends pgbouncer postgresql-client-common postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/*
COPY deploy/pgbouncer.ini /etc/pgbouncer/pgbouncer.ini
USER postgres
EXPOSE 6432
CMD ["sh", "-c", "umask 077; printf '\"upscrolled_app\" \"%s\"\\n' \"$POSTGRES_APP_PASSWORD\" > /tmp/users.txt; exec pgbouncer /etc/pgbouncer/pgbouncer.ini"]
