import { readBound } from "../../schedule/bounds.ts";
import { cronFault, isTimezone, knownTimezones } from "../cron.ts";
import { isForbiddenKey } from "../names.ts";
import { isRequired, paramFromText, valueErrors } from "../params/params.ts";
import type { Json, ParamSchema, ScheduleSpec } from "../spec.ts";
import { type LocatedNode, type MapNode, toJson } from "./located.ts";
import type { Fields, Reader } from "./reader.ts";
import { didYouMean, quote } from "./suggest.ts";

const MAX_SCHEDULES = 20;
const scheduleKeys = ["cron", "timezone", "catchup", "overlap", "start", "end", "params"];

/** Reads one schedule, or a list of them. */
export function readSchedules(
  reader: Reader,
  node: LocatedNode,
  params: Readonly<Record<string, ParamSchema>>,
): ScheduleSpec[] {
  const items = node.kind === "list" ? node.items : [node];
  if (items.length > MAX_SCHEDULES) {
    reader.report(
      "TOO_LARGE",
      node.at,
      `A flow has at most ${MAX_SCHEDULES} schedules.`,
      "Join patterns, such as 0 2,14 * * *.",
    );
    return [];
  }
  return items.flatMap((item) => readSchedule(reader, item, params) ?? []);
}

function readSchedule(
  reader: Reader,
  node: LocatedNode,
  params: Readonly<Record<string, ParamSchema>>,
): ScheduleSpec | null {
  const fields = reader.fields("schedule", "a schedule", node, scheduleKeys);
  if (fields === null) return null;
  const timezone = fields.optional("timezone", (n) => readTimezone(reader, n)) ?? "UTC";
  const cron = readCron(fields);
  const catchup = fields.optional("catchup", (n) =>
    reader.oneOf("catchup", n, ["all", "latest", "none"] as const),
  );
  const overlap = fields.optional("overlap", (n) =>
    reader.oneOf("overlap", n, ["queue", "skip", "cancel"] as const),
  );
  const start = fields.optional("start", (n) => readInstant(reader, "start", n, timezone));
  const end = fields.optional("end", (n) => {
    const read = readInstant(reader, "end", n, timezone);
    if (read === null || start === undefined || Date.parse(read) > Date.parse(start)) return read;
    return reader.report(
      "INVALID_VALUE",
      n.at,
      "The schedule ends before it starts.",
      "Make end later than start.",
    );
  });
  const values = readValues(reader, fields, params);
  if (cron === null) return null;
  return {
    cron,
    timezone,
    catchup: catchup ?? "latest",
    overlap: overlap ?? "queue",
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(values === undefined ? {} : { params: values }),
  };
}

/** The pattern with single spaces. */
function readCron(fields: Fields): string | null {
  const { reader, node } = fields;
  const entry = node.entries.get("cron");
  if (entry === undefined) {
    return reader.missing(node.at, "the schedule", "cron", "Set it, for example to 0 2 * * *.");
  }
  const text = reader.text("cron", entry.value, 200);
  if (text === null) return null;
  const fault = cronFault(text);
  if (fault === null) return text.trim().split(/\s+/).join(" ");
  return reader.report("INVALID_CRON", entry.value.at, fault.message, fault.fix);
}

function readTimezone(reader: Reader, node: LocatedNode): string | null {
  const name = reader.text("timezone", node, 100);
  if (name === null || isTimezone(name)) return name;
  return reader.report(
    "INVALID_TIMEZONE",
    node.at,
    `There is no time zone ${quote(name)}.`,
    didYouMean(name, knownTimezones(), "Use a name such as Asia/Seoul, Europe/Berlin or UTC."),
  );
}

/** A day begins at midnight in the schedule's zone. @returns the instant, ISO 8601 in UTC */
function readInstant(
  reader: Reader,
  name: string,
  node: LocatedNode,
  timezone: string,
): string | null {
  const text = reader.text(name, node, 100);
  if (text === null) return null;
  const instant = readBound(text, timezone);
  if (instant !== null) return new Date(instant).toISOString();
  return reader.report(
    "INVALID_VALUE",
    node.at,
    `${quote(text)} is no date and no instant.`,
    "Write 2026-01-31, or 2026-01-31T09:00:00+09:00 with its offset.",
  );
}

/** Values of parameters for the runs of a schedule. */
function readValues(
  reader: Reader,
  fields: Fields,
  params: Readonly<Record<string, ParamSchema>>,
): Record<string, Json> | undefined {
  const values: Record<string, Json> = {};
  const map = fields.optional("params", (n): MapNode | null => reader.map("params", n));
  for (const { key, at, value } of map?.entries.values() ?? []) {
    if (isForbiddenKey(key)) continue;
    const schema = Object.hasOwn(params, key) ? params[key] : undefined;
    if (schema === undefined) {
      reader.report(
        "UNKNOWN_KEY",
        at,
        `The flow has no parameter ${quote(key)}.`,
        didYouMean(key, Object.keys(params), "Declare it under params of the flow."),
      );
      continue;
    }
    const own =
      value.kind === "scalar" && value.untyped
        ? paramFromText(schema, value.source)
        : toJson(value);
    for (const error of valueErrors(key, schema, own).slice(0, 1)) {
      reader.report("INVALID_VALUE", value.at, error.message, "Correct the value.");
    }
    values[key] = own;
  }
  for (const [name, schema] of Object.entries(params)) {
    if (!isRequired(schema) || Object.hasOwn(values, name)) continue;
    reader.missing(
      fields.node.at,
      "the schedule",
      `params.${name}`,
      "Give the value that scheduled runs use, or give the parameter a default.",
    );
  }
  return Object.keys(values).length === 0 ? undefined : values;
}
