# The server's programs (web, worker, beat, sealer, witness); docker-compose.yml says which one runs.
FROM python:3.11-slim AS wheels
WORKDIR /build
COPY requirements/base.txt .
RUN python -m venv /opt/ankang \
    && /opt/ankang/bin/pip install --no-cache-dir --require-hashes --requirement base.txt

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /var/lib/ankang ankang
COPY --from=wheels /opt/ankang /opt/ankang
ENV PATH=/opt/ankang/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ANKANG_VAR=/var/lib/ankang
WORKDIR /srv/ankang
COPY manage.py ./
COPY config config
COPY apps apps
COPY templates templates
COPY static static
COPY locale locale
RUN python -c "from pathlib import Path; from config.supervisor.catalogs import compile_catalogues; \
compile_catalogues(Path.cwd())" \
    # Static files need settings, not servers: these values are used for this line only.
    && SECRET_KEY=build DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
       ANKANG_IDENTITY_KEYS=/nonexistent python manage.py collectstatic --noinput --verbosity 0 \
    # Mount points take over owner and mode from here.
    && mkdir /data /witness && chmod 700 /data /witness \
    && chown --recursive ankang /var/lib/ankang /data /witness
USER ankang
EXPOSE 8000
CMD ["python", "-m", "config.web", "--host=0.0.0.0"]
