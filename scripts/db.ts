/**
 * `npm run db:*`: a command of Prisma on the database of this folder, which is DATABASE_URL or the
 * embedded PostgreSQL. The latter is started for the command if it does not run already.
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { startEmbedded } from "#server/db/embedded/cluster.ts";
import { readSettings } from "#server/start/settings.ts";

const settings = readSettings(process.env);
mkdirSync(settings.home, { recursive: true });
const server =
  settings.databaseUrl === undefined ? await startEmbedded({ home: settings.home }) : null;

const command = spawn(
  process.execPath,
  ["node_modules/prisma/build/index.js", ...process.argv.slice(2)],
  {
    stdio: "inherit",
    env: { ...process.env, DATABASE_URL: settings.databaseUrl ?? server?.url },
  },
);
// Ctrl-C reaches Prisma by itself; the server is stopped afterwards all the same.
process.on("SIGINT", () => {});
process.exitCode = await new Promise<number>((resolve) => {
  command.once("exit", (code) => resolve(code ?? 1));
});
if (server !== null && !server.reattached) await server.stop();
