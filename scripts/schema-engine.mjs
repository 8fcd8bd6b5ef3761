#!/usr/bin/env node
/**
 * Stands in for the native schema engine of the Prisma command, which is downloaded when Prisma is
 * installed and is missing on machines that reach only the npm registry. Speaks the same protocol
 * (line-delimited JSON-RPC on standard input and output, and `cli` subcommands) over
 * @prisma/schema-engine-wasm and @prisma/adapter-pg. PRISMA_SCHEMA_ENGINE_BINARY points here.
 * Set DEBUG_ENGINE to see the engine's own log.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { runDatabaseCommand } from "./schema-engine/database-command.mjs";
import { engineVersion, openEngine } from "./schema-engine/engine.mjs";

/** Methods whose name on the wire differs from the engine's. */
const aliases = new Map([["getDatabaseVersion", "version"]]);
/** A fresh WebAssembly engine has no shadow database until it has diagnosed once. */
const needsDiagnosis = new Set(["evaluateDataLoss", "createMigration"]);
/** The native engine's code for "a known error happened, look into data". */
const KNOWN_ERROR = 4466;

const argv = process.argv.slice(2);

function readArguments() {
  const datamodels = [];
  let url = process.env.DATABASE_URL;
  for (let i = 0; i < argv.length; i += 1) {
    if (argv[i] === "--datamodels") {
      i += 1;
      datamodels.push([argv[i], readFileSync(argv[i], "utf8")]);
    } else if (argv[i] === "--datasource") {
      i += 1;
      url = JSON.parse(argv[i]).url ?? url;
    }
  }
  return { datamodels, url };
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

/** One engine per request: after `applyMigrations` a used one has lost its shadow database. */
async function answer(settings, { id, method, params }) {
  try {
    if (method === "createDatabase") throw new Error("createDatabase is a cli subcommand here");
    const engine = await openEngine(settings);
    if (needsDiagnosis.has(method)) {
      const { migrationsList, filters } = params;
      await engine.devDiagnostic({ migrationsList, filters });
    }
    const result = await engine[aliases.get(method) ?? method](params);
    if (method === "diff" && result?.stdout != null) {
      // The native engine asks its client to print; the answer to this request is not awaited.
      send({ id: 1_000_000 + id, method: "print", params: { content: result.stdout } });
    }
    send({ id, result: result ?? null });
  } catch (error) {
    if (process.env.DEBUG_ENGINE) process.stderr.write(`${error.stack}\n`);
    const data = {
      is_panic: false,
      message: error.message,
      error_code: error.code,
      meta: error.meta,
    };
    send({
      id,
      error: { code: KNOWN_ERROR, message: "An error happened. Check the data field.", data },
    });
  }
}

async function serve(settings) {
  const pending = new Set();
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "") continue;
    const request = JSON.parse(line);
    if (request.method === undefined) continue; // an answer to `print`
    const work = answer(settings, request).finally(() => pending.delete(work));
    pending.add(work);
  }
  await Promise.all(pending);
}

if (argv.includes("--version")) {
  process.stdout.write(`schema-engine-wasm ${engineVersion()}\n`);
} else {
  const settings = readArguments();
  const command = argv.indexOf("cli");
  if (command >= 0) await runDatabaseCommand(argv[command + 1], settings.url);
  else await serve(settings);
}
// Pools of abandoned engines would keep the process alive.
process.exit(process.exitCode ?? 0);
