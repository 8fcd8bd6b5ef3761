import { stat } from "node:fs/promises";
import { isAbsolute, join, normalize, relative, sep } from "node:path";
import { inRanges, type Range } from "#server/core/flow/ranges.ts";
import { durationOf } from "#server/core/flow/read/task-fields.ts";
import type { Json } from "#server/core/flow/spec.ts";
import { intervalSetting, type Span } from "#server/plugins/interval-setting.ts";
import { rest } from "#server/plugins/rest.ts";
import { type AttemptContext, type RunTask, TaskFailure } from "#server/plugins/sdk.ts";
import { LEAST_EVERY_MS, type WaitForSettings } from "./spec.ts";

/** A server that says nothing for so long has not answered. */
const ANSWER_MS = 30_000;
const ACCEPTED: readonly Range[] = [[200, 299]];

/** What a look found: the task's output once it is there, else why the wait goes on. */
type Look = { found: Json } | { missing: string };

/** Looks until it is there. Says in the log what it sees whenever that changes. */
export const run: RunTask = async (context) => {
  const settings = context.settings as unknown as WaitForSettings;
  const every = Math.max(LEAST_EVERY_MS, durationOf(settings.every) ?? unreadable(settings.every));
  const look = lookerOf(context, settings);
  let said = "";
  for (;;) {
    const seen = await look();
    if ("found" in seen) return seen.found;
    if (seen.missing !== said) context.log.info(seen.missing);
    said = seen.missing;
    await rest(every, context.signal);
  }
};

function unreadable(every: unknown): never {
  throw new TaskFailure({
    kind: "template",
    message: `"every" was rendered to ${JSON.stringify(every)}, which is no duration.`,
  });
}

function lookerOf(context: AttemptContext, settings: WaitForSettings): () => Promise<Look> {
  const { file, url, flow } = settings;
  if (file !== undefined) {
    const path = placeOf(context.dataDir, file);
    return () => lookForFile(path, file);
  }
  if (url !== undefined) return () => lookAt(url, settings.expect ?? ACCEPTED, context.signal);
  const interval = spanOf(settings, context);
  return async () => {
    const run = await context.findSuccess(flow ?? "", interval);
    const span = `${interval.start} to ${interval.end}`;
    return run === null
      ? { missing: `No run of ${flow} for ${span} has succeeded yet.` }
      : { found: { run } };
  };
}

/**
 * Where a file is looked for. Relative paths lie below the data folder and may not leave it; an
 * absolute one is taken as it stands. Neither may climb.
 */
export function placeOf(dataDir: string, file: string): string {
  const climbs = file.split(/[/\\]/).includes("..");
  const path = isAbsolute(file) ? normalize(file) : join(dataDir, file);
  const outside = !isAbsolute(file) && relative(dataDir, path).split(sep)[0] === "..";
  if (!climbs && !outside && !file.includes("\0")) return path;
  throw new TaskFailure({
    kind: "template",
    message: `The file ${JSON.stringify(file)} would lie outside of the data folder.`,
  });
}

async function lookForFile(path: string, name: string): Promise<Look> {
  try {
    const { size } = await stat(path);
    return { found: { path, bytes: size } };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return { missing: `${name} is not there yet.` };
    return { missing: `${name} cannot be looked at: ${code ?? String(error)}.` };
  }
}

async function lookAt(url: string, expect: readonly Range[], signal: AbortSignal): Promise<Look> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new TaskFailure({
      kind: "template",
      message: `The address was rendered to ${JSON.stringify(url)}, which is no address of the web.`,
    });
  }
  const { host } = new URL(url);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const response = await fetch(url, { signal: limit });
    await response.body?.cancel();
    const { status } = response;
    return inRanges(status, expect)
      ? { found: { status } }
      : { missing: `${host} answers ${status}.` };
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return {
      missing: `${host} does not answer: ${cause instanceof Error ? cause.message : cause}.`,
    };
  }
}

function spanOf({ interval }: WaitForSettings, context: AttemptContext): Span {
  const chosen = interval ?? context.interval;
  if (chosen !== null) return intervalSetting(chosen);
  throw new TaskFailure({
    kind: "template",
    message: "The run has no interval, and the task names none to wait for.",
  });
}
