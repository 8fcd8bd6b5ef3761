import { ENV_NAME, isForbiddenKey, LABEL, POOL_NAME, RESERVED_ENV } from "../names.ts";
import type { RetryPolicy, TaskSpec, Writes } from "../spec.ts";
import type { TaskTypeSpec, TaskTypes } from "../task-type.ts";
import { isTemplate } from "../template/template.ts";
import type { LocatedNode, MapEntry, MapNode, ScalarNode, Spot } from "./located.ts";
import { readForEach } from "./read-for-each.ts";
import { readPriority } from "./read-priority.ts";
import { completeRetry, readRetry } from "./read-retry.ts";
import { readSettings, settingNames } from "./read-settings.ts";
import { capitalise, type Fields, type Reader } from "./reader.ts";
import { didYouMean, quote, withArticle } from "./suggest.ts";

/** A need and where it is written. */
export interface LocatedNeed {
  id: string;
  at: Spot;
}

/** A task as read, with the places that later checks report at. */
export interface ReadTask {
  id: string;
  entry: MapEntry;
  /** Null when something in it was reported; what it refers to is checked all the same. */
  spec: TaskSpec | null;
  needs: LocatedNeed[];
  condition: ScalarNode | null;
  /** Texts that are rendered before an attempt. */
  templates: ScalarNode[];
  /** The expression under `for_each`. */
  list: ScalarNode | null;
  /** The name under which its templates see what they work on; null for a task without `for_each`. */
  sees: "item" | "items" | null;
}

/** What `defaults` sets for every task; the task's own keys win. */
export interface TaskDefaults {
  timeoutMs: number | undefined;
  retry: Partial<RetryPolicy>;
  pool: string | undefined;
  runsOn: string | undefined;
  env: Record<string, string>;
}

export const NO_DEFAULTS: TaskDefaults = {
  timeoutMs: undefined,
  retry: {},
  pool: undefined,
  runsOn: undefined,
  env: {},
};

const commonKeys = [
  "type",
  "name",
  "description",
  "needs",
  "if",
  "for_each",
  "batch",
  "env",
  "timeout",
  "retry",
  "pool",
  "runs_on",
  "priority",
  "writes",
];
const writesKeys = ["mode", "dataset", "partition", "staged"];
export const defaultsKeys = ["timeout", "retry", "env", "pool", "runs_on"];

const writeModes = ["none", "replace", "replace_partition", "merge", "append", "external"] as const;

/** Most environment variables of one task, and characters of one value: what a process can take. */
const MAX_ENV = 500;
const MAX_ENV_VALUE = 100_000;

export function readTask(
  reader: Reader,
  entry: MapEntry,
  types: TaskTypes,
  defaults: TaskDefaults,
): ReadTask | null {
  const label = `tasks.${entry.key}`;
  const map = reader.map(label, entry.value);
  if (map === null) return null;
  const type = readType(reader, map.entries.get("type"), entry, types);
  const own = type === null ? [] : settingNames(type);
  // Without a type nobody knows which keys belong to it.
  const allowed = type === null ? [...map.entries.keys()] : commonKeys.concat(own);
  const fields = reader.fields(label, `${withArticle(type?.type ?? "")} task`, map, allowed);
  if (fields === null) return null;

  const needs = fields.optional("needs", (node) => readNeeds(reader, node)) ?? [];
  const condition = fields.optional("if", (node) =>
    reader.looseText("if", node) === null ? null : (node as ScalarNode),
  );
  const each = readForEach(fields);
  const env = fields.optional("env", (node) => readEnv(reader, node)) ?? {};
  const timeoutMs = readTimeout(fields) ?? defaults.timeoutMs;
  const retry = fields.optional("retry", (node) => readRetry(reader, node)) ?? {};
  const pool = readPool(fields) ?? defaults.pool ?? "default";
  const runsOn = readRunsOn(fields) ?? defaults.runsOn;
  const priority = readPriority(fields);
  const writes = fields.optional("writes", (node) => readWrites(reader, node));
  const name = fields.optional("name", (node) => reader.text("name", node, 200));
  const description = fields.optional("description", (n) => reader.text("description", n));
  const settings = type === null ? null : readSettings(reader, type, map, entry);
  const rendered = own.filter((key) => !type?.verbatim?.includes(key));
  const templates = ["env", "writes", ...rendered].flatMap((key) => {
    const value = map.entries.get(key)?.value;
    return value === undefined ? [] : templatesIn(value);
  });
  const read = {
    id: entry.key,
    entry,
    needs,
    condition: condition ?? null,
    templates,
    list: each?.expression ?? null,
    sees: seesOf(map),
  };
  if (type === null || settings === null) return { ...read, spec: null };

  const spec: TaskSpec = {
    type: type.type,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    needs: needs.map(({ id }) => id).sort(),
    ...(condition === undefined ? {} : { if: condition.source.trim() }),
    ...(each === null ? {} : { forEach: each.forEach }),
    env: { ...defaults.env, ...env },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    retry: completeRetry({ ...defaults.retry, ...retry }),
    pool,
    ...(runsOn === undefined ? {} : { runsOn }),
    ...(priority === undefined ? {} : { priority }),
    writes: writes ?? {
      mode: typeof type.writes === "function" ? type.writes(settings) : type.writes,
    },
    with: settings,
  };
  return { ...read, spec };
}

function seesOf({ entries }: MapNode): ReadTask["sees"] {
  if (!entries.has("for_each")) return null;
  return entries.has("batch") ? "items" : "item";
}

function readType(
  reader: Reader,
  found: MapEntry | undefined,
  task: MapEntry,
  types: TaskTypes,
): TaskTypeSpec | null {
  const isTypescript = reader.document.format === "typescript";
  const fits = ({ typescriptOnly }: TaskTypeSpec) => isTypescript || !typescriptOnly;
  const names = () => [...types.values()].filter(fits).map(({ type }) => type);
  if (found === undefined) {
    return reader.missing(
      task.at,
      `the task ${quote(task.key)}`,
      "type",
      `Set it to one of: ${names().join(", ")}.`,
    );
  }
  const word = reader.text("type", found.value);
  if (word === null) return null;
  const type = types.get(word);
  if (type !== undefined && fits(type)) return type;
  return reader.report(
    "UNKNOWN_TASK_TYPE",
    found.value.at,
    type === undefined
      ? `There is no task type ${quote(word)}.`
      : `${capitalise(withArticle(word))} task can only be written in TypeScript.`,
    didYouMean(word, names(), `Use one of: ${names().join(", ")}.`),
  );
}

function readNeeds(reader: Reader, node: LocatedNode): LocatedNeed[] | null {
  const items = reader.list("needs", node);
  return (
    items?.flatMap((item) => {
      const id = reader.looseText("needs", item);
      return id === null ? [] : { id, at: item.at };
    }) ?? null
  );
}

export function readEnv(reader: Reader, node: LocatedNode): Record<string, string> | null {
  const map = reader.map("env", node);
  if (map === null) return null;
  if (map.entries.size > MAX_ENV) {
    return reader.report(
      "TOO_LARGE",
      map.at,
      `A task has at most ${MAX_ENV} environment variables.`,
      "Put the values into a file.",
    );
  }
  const env: Record<string, string> = {};
  for (const { key, at, value } of map.entries.values()) {
    if (isForbiddenKey(key)) continue;
    const text = reader.looseText(`env.${key}`, value);
    if (!ENV_NAME.test(key) || key.startsWith(RESERVED_ENV)) {
      reader.report(
        "INVALID_VALUE",
        at,
        `${quote(key)} cannot be the name of an environment variable.`,
        key.startsWith(RESERVED_ENV)
          ? `Names beginning with ${RESERVED_ENV} are set by the runner; choose another.`
          : "Use letters, digits and _, beginning with a letter or _.",
      );
    } else if (text !== null && text.length > MAX_ENV_VALUE) {
      reader.report(
        "TOO_LARGE",
        value.at,
        `The value of ${quote(key)} is longer than ${MAX_ENV_VALUE} characters.`,
        "Put it into a file.",
      );
    } else if (text !== null) {
      env[key] = text;
    }
  }
  return env;
}

export function readTimeout(fields: Fields): number | undefined {
  return fields.optional("timeout", (n) => fields.reader.duration("timeout", n, { minMs: 1 }));
}

export function readPool(fields: Fields): string | undefined {
  return fields.optional("pool", (node) =>
    fields.reader.pattern(
      "pool",
      node,
      POOL_NAME,
      "Use lower-case letters, digits, - and _, beginning with a letter, at most 64 characters.",
    ),
  );
}

export function readRunsOn(fields: Fields): string | undefined {
  return fields.optional("runs_on", (node) =>
    fields.reader.pattern(
      "runs_on",
      node,
      LABEL,
      "Name one label of a runner: lower-case letters, digits, -, _ and ., beginning with a letter.",
    ),
  );
}

function readWrites(reader: Reader, node: LocatedNode): Writes | null {
  if (node.kind === "scalar" && typeof node.value === "string") {
    const mode = reader.oneOf("writes", node, writeModes);
    return mode === null ? null : { mode };
  }
  const fields = reader.fields("writes", "writes", node, writesKeys);
  if (fields === null) return null;
  const mode = fields.optional("mode", (n) => reader.oneOf("mode", n, writeModes));
  const dataset = fields.optional("dataset", (n) => reader.text("dataset", n));
  const partition = fields.optional("partition", (n) => reader.text("partition", n));
  const staged = fields.optional("staged", (n) => reader.boolean("staged", n));
  const { entries, at } = fields.node;
  if (mode === undefined) {
    if (entries.has("mode")) return null;
    return reader.missing(at, "writes", "mode", `Set it to one of: ${writeModes.join(", ")}.`);
  }
  if (mode === "replace_partition" && !entries.has("partition")) {
    return reader.missing(
      at,
      "the write mode replace_partition",
      "partition",
      "Name the partition that is replaced, or use replace.",
    );
  }
  const stagedAt = entries.get("staged")?.at;
  if (stagedAt !== undefined && mode !== "append") {
    return reader.report(
      "INVALID_VALUE",
      stagedAt,
      `"staged" says nothing about the write mode ${mode}.`,
      "Remove it, or set mode to append.",
    );
  }
  return {
    mode,
    ...(dataset === undefined ? {} : { dataset }),
    ...(partition === undefined ? {} : { partition }),
    ...(staged === true ? { staged } : {}), // false is what is assumed
  };
}

/** Texts below a node that have something to render. */
export function templatesIn(node: LocatedNode): ScalarNode[] {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" && isTemplate(node.value) ? [node] : [];
    case "list":
      return node.items.flatMap(templatesIn);
    case "map":
      return [...node.entries.values()].flatMap(({ value }) => templatesIn(value));
  }
}
