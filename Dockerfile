# Everything in the lock is fetched and checked by its hash; from that, only what the bot needs is installed.
FROM python:3.11-slim AS made
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /made
COPY requirements.lock ./
RUN pip download --quiet --require-hashes --requirement requirements.lock --dest /wheels
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
RUN python -m venv /opt/readiness \
    && /opt/readiness/bin/pip install --quiet --no-index --find-links /wheels .

FROM python:3.11-slim
ENV PATH=/opt/readiness/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENV READINESS_DATA=/data READINESS_LISTEN=0.0.0.0:8080
RUN useradd --uid 10001 --user-group --home-dir /data --no-create-home --shell /usr/sbin/nologin readiness \
    && install --directory --mode=700 --owner=readiness --group=readiness /data
COPY --from=made /opt/readiness /opt/readiness
WORKDIR /app
COPY checklists checklists
USER 10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=8s --start-period=30s CMD ["readiness", "health"]
ENTRYPOINT ["readiness"]
CMD ["serve"]
