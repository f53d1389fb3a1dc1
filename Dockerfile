# The production image: the server, bundled with all that it runs on. The database is another container (see compose.yaml).
FROM node:24-alpine AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build
# What the bundle is made of asks to have its licences handed on with it.
RUN for package in $(npm ls --omit=dev --all --parseable | tail -n +2) node_modules/preact; do \
      for licence in "$package"/[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*; do \
        if [ -f "$licence" ]; then printf '\n== %s\n\n' "${package#*node_modules/}"; cat "$licence"; fi; \
      done; \
    done > dist/THIRD-PARTY-LICENSES.txt

FROM node:24-alpine
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY prisma/migrations prisma/migrations
# The key that encrypts the secrets of webhooks is made here, unless SECRETS_KEY is set: keep the folder.
RUN mkdir data && chown node:node data
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s CMD wget -qO- http://127.0.0.1:3000/readyz || exit 1
# Without a shell or npm in between, SIGTERM reaches the server.
# The young generation must hold the requests of a batch: with the usual 16 MB one eighth of the time goes into collecting it.
CMD ["node", "--max-semi-space-size=32", "dist/server/main.js"]
