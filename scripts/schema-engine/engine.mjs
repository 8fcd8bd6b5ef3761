/** Loads the WebAssembly schema engine and binds it to PostgreSQL. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { AdapterFactory } from "./adapter.mjs";

const folder = dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm"));
let loaded;

async function load() {
  // Without this hook a panic inside the engine says only "unreachable".
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      process.stderr.write(`schema engine panic: ${message}\n`);
    },
  };
  const glue = await import("@prisma/schema-engine-wasm/schema_engine_bg");
  const { instance } = await WebAssembly.instantiate(
    readFileSync(join(folder, "schema_engine_bg.wasm")),
    { "./schema_engine_bg.js": glue },
  );
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}

export function engineVersion() {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}

/** @returns a new engine over `url` that knows the given [path, text] datamodels */
export async function openEngine({ datamodels, url }) {
  loaded ??= load();
  const SchemaEngine = await loaded;
  const log = (message) => {
    if (process.env.DEBUG_ENGINE) process.stderr.write(`${message}\n`);
  };
  const factory = bindMigrationAwareSqlAdapterFactory(new AdapterFactory(url));
  return SchemaEngine.new(
    { datamodels: datamodels.length > 0 ? datamodels : undefined },
    log,
    factory,
  );
}
