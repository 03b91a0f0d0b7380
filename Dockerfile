FROM python:3.11-slim AS build
# "sentry", "opentelemetry" or "sentry,opentelemetry"
ARG EXTRAS=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
RUN python -m venv /opt/kitsu
COPY requirements/run.txt requirements/run.txt
RUN /opt/kitsu/bin/pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml alembic.ini README.md LICENSE ./
COPY alembic alembic
COPY src src
RUN /opt/kitsu/bin/pip install --no-deps --no-build-isolation . \
    && if [ -n "$EXTRAS" ]; then /opt/kitsu/bin/pip install ".[$EXTRAS]"; fi \
    && find /opt/kitsu -name __pycache__ -prune -exec rm -r {} + \
    # here, or containers would compile at each start and at the first request of each route
    && { /opt/kitsu/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/kitsu/lib || true; }

FROM python:3.11-slim
# CJK=true: letters for Chinese, Japanese and Korean notes drawn onto pictures, 90 MB
ARG CJK=false
# hadolint ignore=DL3008  # letters: the newest of the base image's release will do
RUN if [ "$CJK" = true ]; then \
        apt-get update && apt-get install --yes --no-install-recommends fonts-noto-cjk \
        && rm -rf /var/lib/apt/lists/*; \
    fi \
    && useradd --create-home --uid 1000 kitsu \
    && install --directory --owner kitsu --group kitsu /var/lib/kitsu
COPY --from=build /opt/kitsu /opt/kitsu
ENV PATH=/opt/kitsu/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KITSU_DATA_DIR=/var/lib/kitsu \
    KITSU_HOST=0.0.0.0
USER 1000
WORKDIR /var/lib/kitsu
VOLUME /var/lib/kitsu
EXPOSE 8000
HEALTHCHECK --start-period=20s --interval=30s --timeout=5s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/status', timeout=4)"]
CMD ["kitsu-api", "serve"]
