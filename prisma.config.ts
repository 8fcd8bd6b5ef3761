import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";

// The engine that the Prisma command would download is replaced by a program of this repository
// that runs the WebAssembly engine from npm.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(
  new URL("scripts/schema-engine.mjs", import.meta.url),
);

const url = process.env.DATABASE_URL;

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  // Generating and validating need no database; `npm run db:*` sets the variable.
  ...(url === undefined ? {} : { datasource: { url } }),
});
