import { FLOW_ID, isForbiddenKey, TASK_ID } from "../names.ts";
import { MAX_TASKS, type NotifySpec, type ParamSchema, type ScheduleSpec } from "../spec.ts";
import type { TaskTypes } from "../task-type.ts";
import {
  describeNode,
  type LocatedNode,
  type MapEntry,
  type MapNode,
  type ScalarNode,
} from "./located.ts";
import { readParams } from "./read-param.ts";
import { readPriority } from "./read-priority.ts";
import { readRetry } from "./read-retry.ts";
import { readSchedules } from "./read-schedule.ts";
import {
  defaultsKeys,
  NO_DEFAULTS,
  type ReadTask,
  readEnv,
  readPool,
  readRunsOn,
  readTask,
  readTimeout,
  type TaskDefaults,
  templatesIn,
} from "./read-task.ts";
import type { Fields, Reader } from "./reader.ts";
import { quote } from "./suggest.ts";

/** A flow as read: complete unless something was reported. */
export interface ReadFlow {
  id: string | null;
  name: string | undefined;
  description: string | undefined;
  tags: string[];
  owner: string | undefined;
  params: Record<string, ParamSchema>;
  schedules: ScheduleSpec[];
  concurrency: number | undefined;
  priority: number | undefined;
  notify: NotifySpec[];
  files: ScalarNode[];
  /** Templates under `defaults`, which may not read outputs. */
  defaultTemplates: ScalarNode[];
  /** By id; null for a task that exists but could not be read. */
  tasks: Map<string, ReadTask | null>;
}

const flowKeys = [
  "id",
  "name",
  "description",
  "tags",
  "owner",
  "params",
  "schedule",
  "concurrency",
  "priority",
  "defaults",
  "notify",
  "files",
  "tasks",
];

/** What a notification can be about. */
export const notifyEvents = [
  "failed",
  "recovered",
  "timed_out",
  "schedule_missed",
  "backfill_finished",
] as const;

const MAX_TAGS = 50;
const MAX_PATTERNS = 200;

/** @returns null when there is nothing that could be checked further */
export function readFlow(reader: Reader, root: LocatedNode, types: TaskTypes): ReadFlow | null {
  if (root.kind !== "map") {
    return reader.report(
      "WRONG_TYPE",
      root.at,
      `A flow is a map of keys, but this is ${describeNode(root)}.`,
      "Begin with id: and tasks:.",
    );
  }
  const map = root;
  const tasksEntry = map.entries.get("tasks");
  if (hasTooManyTasks(reader, tasksEntry)) return null;
  const fields = reader.fields("the definition", "a flow", map, flowKeys);
  if (fields === null) return null;

  const params = fields.optional("params", (node) => readParams(reader, node)) ?? {};
  const defaultsNode = map.entries.get("defaults")?.value;
  const defaults = fields.optional("defaults", (node) => readDefaults(reader, node)) ?? NO_DEFAULTS;
  return {
    id: readId(fields),
    name: fields.optional("name", (node) => reader.text("name", node, 200)),
    description: fields.optional("description", (node) => reader.text("description", node)),
    tags: fields.optional("tags", (node) => readTags(reader, node)) ?? [],
    owner: fields.optional("owner", (node) => reader.text("owner", node, 200)),
    params,
    schedules: fields.optional("schedule", (n) => readSchedules(reader, n, params)) ?? [],
    concurrency: fields.optional("concurrency", (node) =>
      reader.number("concurrency", node, { min: 1, max: 10_000 }, true),
    ),
    priority: readPriority(fields),
    notify: fields.optional("notify", (node) => readNotify(reader, node)) ?? [],
    files: fields.optional("files", (node) => readPatterns(reader, node)) ?? [],
    defaultTemplates: defaultsNode === undefined ? [] : templatesIn(defaultsNode),
    tasks: readTasks(reader, map, tasksEntry, types, defaults),
  };
}

function hasTooManyTasks(reader: Reader, tasks: MapEntry | undefined): boolean {
  if (tasks?.value.kind !== "map") return false;
  const { entries, repeated } = tasks.value;
  const count = entries.size + repeated.length;
  if (count <= MAX_TASKS) return false;
  const written = [...entries.values(), ...repeated].sort((a, b) => a.at - b.at);
  reader.report(
    "TOO_MANY_TASKS",
    written[MAX_TASKS]?.at ?? tasks.at,
    `The flow has ${count} tasks, more than ${MAX_TASKS}.`,
    "Split it into several flows, or let one task do a batch of the work.",
  );
  return true;
}

function readId(fields: Fields): string | null {
  const { reader, node } = fields;
  const entry = node.entries.get("id");
  if (entry === undefined) {
    return reader.missing(
      node.at,
      "the flow",
      "id",
      "Set it to a short name such as weather-daily.",
    );
  }
  return reader.pattern(
    "id",
    entry.value,
    FLOW_ID,
    "Use lower-case letters, digits, - and _, beginning with a letter, at most 128 characters.",
  );
}

function readTags(reader: Reader, node: LocatedNode): string[] | null {
  const items = reader.list("tags", node);
  if (items === null) return null;
  if (items.length > MAX_TAGS) {
    return reader.report(
      "TOO_LARGE",
      node.at,
      `A flow has at most ${MAX_TAGS} tags.`,
      "Remove some.",
    );
  }
  return items.flatMap((item) => reader.text("tags", item, 100) ?? []);
}

function readDefaults(reader: Reader, node: LocatedNode): TaskDefaults | null {
  const fields = reader.fields("defaults", "defaults", node, defaultsKeys);
  if (fields === null) return null;
  return {
    timeoutMs: readTimeout(fields),
    retry: fields.optional("retry", (n) => readRetry(reader, n)) ?? {},
    pool: readPool(fields),
    runsOn: readRunsOn(fields),
    env: fields.optional("env", (n) => readEnv(reader, n)) ?? {},
  };
}

function readNotify(reader: Reader, node: LocatedNode): NotifySpec[] {
  const items = node.kind === "list" ? node.items : [node];
  return items.flatMap((item) => {
    const fields = reader.fields("notify", "notify", item, ["on", "to"]);
    if (fields === null) return [];
    for (const key of ["on", "to"]) {
      if (fields.node.entries.has(key)) continue;
      reader.missing(item.at, "notify", key, "Write for example { on: [failed], to: ops }.");
    }
    const on = fields.optional("on", (n) => reader.list("on", n)) ?? [];
    const events = on.flatMap((event) => reader.oneOf("on", event, notifyEvents) ?? []);
    const to = fields.optional("to", (n) => reader.text("to", n, 200));
    return to === undefined ? [] : [{ on: events, to }];
  });
}

function readPatterns(reader: Reader, node: LocatedNode): ScalarNode[] | null {
  const items = reader.list("files", node);
  if (items === null) return null;
  if (items.length > MAX_PATTERNS) {
    return reader.report(
      "TOO_LARGE",
      node.at,
      `A flow names at most ${MAX_PATTERNS} patterns of files.`,
      "Put the files into a folder and name that: scripts/**.",
    );
  }
  return items.flatMap((item) =>
    reader.text("files", item, 1_000) === null ? [] : (item as ScalarNode),
  );
}

function readTasks(
  reader: Reader,
  flow: MapNode,
  entry: MapEntry | undefined,
  types: TaskTypes,
  defaults: TaskDefaults,
): Map<string, ReadTask | null> {
  const tasks = new Map<string, ReadTask | null>();
  const value = entry?.value;
  const isEmpty =
    value === undefined ||
    (value.kind === "scalar" && (value.value === null || value.value === "")) ||
    (value.kind === "map" && value.entries.size === 0);
  if (isEmpty) {
    reader.report(
      "NO_TASKS",
      entry?.at ?? flow.at,
      "The flow has no tasks.",
      "Add at least one task under tasks.",
    );
    return tasks;
  }
  for (const task of reader.map("tasks", value)?.entries.values() ?? []) {
    if (reader.problems.isFull) break;
    if (isForbiddenKey(task.key)) continue;
    if (!TASK_ID.test(task.key)) {
      reader.report(
        "INVALID_VALUE",
        task.at,
        `${quote(task.key)} cannot be the id of a task.`,
        "Use letters, digits, _, - and ., beginning with a letter, digit or _, at most 200 characters.",
      );
    }
    tasks.set(task.key, readTask(reader, task, types, defaults));
  }
  return tasks;
}
