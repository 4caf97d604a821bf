# One image for every service: `presently gateway`, `hub`, `relay`, `migrate`, `declare`,
# and `python -m demo`.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/presently
ENV PATH=/opt/presently/bin:$PATH
WORKDIR /src
# The pinned packages first: they change less often than we do.
COPY requirements/server.txt requirements/
RUN pip install --require-hashes --requirement requirements/server.txt
COPY . .
RUN pip install --no-deps --no-build-isolation . ./producers/python

FROM python:3.13-slim-bookworm
COPY --from=build /opt/presently /opt/presently
ENV PATH=/opt/presently/bin:$PATH PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --user-group --no-create-home presently
USER 10001:10001
WORKDIR /opt/presently
STOPSIGNAL SIGTERM
ENTRYPOINT ["presently"]
CMD ["--help"]
