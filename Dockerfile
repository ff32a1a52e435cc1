# Production image: the application only, no embedded servers, no tools; runs as a normal user
# from read-only code. docker-compose.yml shows how its parts run together.

FROM node:24-slim AS browser
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY dashboard/frontend dashboard/frontend
RUN npm run build

FROM python:3.13-slim AS build
ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt /tmp/requirements.txt
RUN pip install --require-hashes --requirement /tmp/requirements.txt
WORKDIR /app
COPY . .
COPY --from=browser /build/static/vendor static/vendor
# These commands reach no server: the addresses only satisfy the settings.
ENV THUOCDO_ENV=production STATIC_ROOT=/app/built-static ALLOWED_HOSTS=build \
    SECRET_KEY=only-while-the-image-is-built-and-never-afterwards-in-use \
    DATABASE_URL=postgresql://build@localhost/build REDIS_URL=redis://localhost/0
RUN python manage.py compile_translations
RUN python manage.py collectstatic --noinput --verbosity 0
RUN python -m compileall -q /app /opt/venv

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent thuocdo
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    THUOCDO_ENV=production STATIC_ROOT=/app/built-static
USER 10001
EXPOSE 8000
CMD ["gunicorn", "dashboard.wsgi"]
