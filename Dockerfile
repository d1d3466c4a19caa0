# Base image of all stages, for a mirror: --build-arg NODE_IMAGE=mirror.example.com/library/node:24.21.0-bookworm-slim
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# The first two stages run on the processor of the machine that builds, whatever the image is for: they produce
# JavaScript only, and the last stage runs nothing. So an image for arm64 is built on amd64 without emulation.

# Stage 1: production dependencies. The image contains Node, so the optional Node packages are omitted.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS packages
# Package registry, for a mirror; empty: npm's own.
ARG NPM_REGISTRY=
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts ${NPM_REGISTRY:+--registry="$NPM_REGISTRY"}

# Stage 2: JavaScript. Node can also run the TypeScript sources, but then it needs 60 MB more memory to remove the types.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
ARG NPM_REGISTRY=
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts ${NPM_REGISTRY:+--registry="$NPM_REGISTRY"}
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && mkdir /data

# Stage 3: the program.
FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="livestream-exporter" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE deploy/THIRD_PARTY_NOTICES.txt ./
COPY --from=build /app/dist ./dist
COPY config ./config
# State directory: mount a volume here to keep the totals across restarts. The root file system can be read-only.
COPY --from=build --chown=1000:1000 /data /data
VOLUME /data
# The user node, by number: Kubernetes can verify only then that it is not root (runAsNonRoot).
USER 1000:1000
EXPOSE 10935
# The C library gives each thread an arena of its own and keeps what the threads have freed. Few arenas save 10 to 20 MB.
ENV MALLOC_ARENA_MAX=2
# Set the variable if the daemon listens elsewhere. tcp://127.0.0.1:10935 checks only whether it accepts connections, for
# a web config that demands a password, a client certificate, or TLS with a certificate for another name.
ENV HEALTH_URL=http://127.0.0.1:10935/-/healthy
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "--eval", "const url = new URL(process.env.HEALTH_URL); const end = (ok) => process.exit(ok ? 0 : 1); if (url.protocol === 'tcp:') require('node:net').connect(url.port, url.hostname.replace('[', '').replace(']', ''), () => end(true)).on('error', () => end(false)); else fetch(url).then(({ ok }) => end(ok), () => end(false));"]
ENTRYPOINT ["node", "/app/dist/main.js"]
# Without arguments, the container runs the demo with its built-in simulator. To run the daemon, pass:
# serve --config.file=/etc/livestream-exporter.yaml --storage.path=/data
CMD ["demo", "--web.listen-address=:10935"]
