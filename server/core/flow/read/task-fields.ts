import { z } from "zod";
import { MAX_DURATION_MS, parseDuration } from "../duration.ts";
import { parseStatusRange, type Range } from "../ranges.ts";
import type { Json } from "../spec.ts";
import type { TaskFieldCode } from "../task-type.ts";
import { isTemplate } from "../template/template.ts";

/** Building blocks for the schemas of task types. */

/**
 * Reports that a value is refused, with the code that people see.
 * @param message the cause in one sentence
 * @param fix     what to do, in one sentence
 */
export function refuseField(
  ctx: z.core.ParsePayload,
  code: TaskFieldCode,
  message: string,
  fix: string,
): typeof z.NEVER {
  ctx.issues.push({ code: "custom", message, params: { code, fix }, input: ctx.value });
  return z.NEVER;
}

/**
 * A duration. Becomes whole milliseconds; a template stays text, which is a duration only once it
 * has been rendered: read it with `durationOf`.
 */
export const durationField = z.string().transform((text, ctx): string | number => {
  if (isTemplate(text)) return text;
  return (
    parseDuration(text) ??
    refuseField(
      ctx,
      "INVALID_DURATION",
      `"${text}" is not a duration of at most 366 days.`,
      "Write whole numbers with ms, s, m, h or d from large to small, such as 1h30m.",
    )
  );
});

/**
 * Milliseconds of a rendered `durationField`.
 * @returns null when a template rendered to something that is no duration
 */
export function durationOf(value: Json | undefined): number | null {
  if (typeof value === "number") return value >= 0 && value <= MAX_DURATION_MS ? value : null;
  return typeof value === "string" ? parseDuration(value.trim()) : null;
}

/** Text with at least one character that is not white space. */
export const filledText = z.string().check((ctx) => {
  if (ctx.value.trim() !== "") return;
  refuseField(ctx, "INVALID_VALUE", "This text is empty.", "Write something, or remove the task.");
});

/** The whole address of something on the web, or a template of one. */
export const webAddress = z.string().check((ctx) => {
  if (isTemplate(ctx.value)) return;
  const parsed = URL.canParse(ctx.value) ? new URL(ctx.value) : null;
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return;
  refuseField(
    ctx,
    "INVALID_VALUE",
    `"${ctx.value.slice(0, 80)}" is no address of the web.`,
    "Write the whole address, beginning with https:// or http://.",
  );
});

/** Status codes of HTTP: `200`, `"200"`, `"200-299"` or `"2xx"`. Becomes a range. */
export const statusField = z.union([z.number(), z.string()]).transform((item, ctx): Range => {
  const text = String(item);
  return (
    parseStatusRange(text) ??
    refuseField(
      ctx,
      "INVALID_VALUE",
      `"${text.slice(0, 80)}" is no status code and no range of them.`,
      "Write for example 200, 200-299 or 2xx.",
    )
  );
});
