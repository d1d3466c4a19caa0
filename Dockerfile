# Stage 1: what runs, without what only develops. Node comes with the image, so not as an optional package.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

# Stage 2: the program as it stands in the checkout; Node runs TypeScript as it is.
FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="livestream-exporter" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY src ./src
COPY config ./config
# The state of a daemon: mount a volume here to keep totals through a restart.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 10935
ENTRYPOINT ["node", "/app/src/main.ts"]
# Without arguments: the demo, on a simulator inside the container. For real:
# serve --config.file=/etc/livestream-exporter.yaml --storage.path=/data
CMD ["demo", "--web.listen-address=:10935"]
