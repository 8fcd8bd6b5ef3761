/** `npm run dev`: the supervisor from source; pages reload by themselves, runners restart. */
import { spawn } from "node:child_process";
import { chdir } from "node:process";
import { fileURLToPath } from "node:url";
import { generateClient } from "./build/steps.mjs";

chdir(fileURLToPath(new URL("..", import.meta.url)));
await generateClient((message) => process.stdout.write(`${message}\n`));

const child = spawn(process.execPath, ["--import", "tsx", "server/start.ts"], {
  stdio: "inherit",
  env: { ...process.env, NODE_ENV: "development", NEXT_TELEMETRY_DISABLED: "1" },
});
// Ctrl-C reaches the child by itself; a signal sent to this process alone is passed on.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.once("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
