import { z } from "zod";
import { FLOW_ID } from "#server/core/flow/names.ts";
import { mergeRanges, type Range } from "#server/core/flow/ranges.ts";
import {
  durationField,
  filledText,
  refuseField,
  statusField,
  webAddress,
} from "#server/core/flow/read/task-fields.ts";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";
import { isTemplate } from "#server/core/flow/template/template.ts";

const DEFAULT_EVERY_MS = 10_000;
/** Shortest pause between two looks. */
export const LEAST_EVERY_MS = 100;

/** `with` of a wait_for task; exactly one of `file`, `url` and `flow`. Strings are templates. */
export interface WaitForSettings {
  /** Below the data folder ($IDEM_DATA), or absolute. */
  file?: string;
  url?: string;
  /** Only with `url`: ranges of accepted status codes. */
  expect?: Range[];
  flow?: string;
  /** Only with `flow`; the run's own when absent. Instants in ISO 8601. */
  interval?: { start: string; end: string };
  /** Milliseconds, or a template of a duration. */
  every: number | string;
}

const flow = filledText.check((ctx) => {
  if (isTemplate(ctx.value) || FLOW_ID.test(ctx.value)) return;
  refuseField(
    ctx,
    "INVALID_VALUE",
    `"${ctx.value.slice(0, 80)}" cannot be the id of a flow.`,
    "Name a flow by its id.",
  );
});

const every = durationField.check((ctx) => {
  if (typeof ctx.value !== "number" || ctx.value >= LEAST_EVERY_MS) return;
  refuseField(
    ctx,
    "INVALID_DURATION",
    `Looking more often than every ${LEAST_EVERY_MS} ms helps nobody.`,
    `Write at least ${LEAST_EVERY_MS}ms.`,
  );
});

const subjects = ["file", "url", "flow"] as const;
/** Keys that belong to one subject only. */
const owners = { expect: "url", interval: "flow" } as const;

export const waitForSpec: TaskTypeSpec = {
  type: "wait_for",
  title: "Wait for",
  description:
    "Waits for a file, for an HTTP status, or for another flow's success. Takes no slot; `timeout` says for how long.",
  icon: "hourglass",
  params: z
    .strictObject({
      file: filledText
        .exactOptional()
        .describe("A file below the data folder ($IDEM_DATA), or an absolute path."),
      url: webAddress.exactOptional().describe("An address that is asked with GET."),
      expect: z
        .array(statusField)
        .min(1)
        .max(50)
        .transform(mergeRanges)
        .exactOptional()
        .describe("Status codes that end the wait for a url; 200-299 by default."),
      flow: flow.exactOptional().describe("A flow whose run for the interval must succeed."),
      interval: z
        .strictObject({ start: filledText, end: filledText })
        .exactOptional()
        .describe("The interval that the other flow must have covered; this run's by default."),
      every: every.default(DEFAULT_EVERY_MS).describe("Pause between two looks."),
    })
    .check((ctx) => {
      const named = subjects.filter((key) => ctx.value[key] !== undefined);
      const fault = (message: string, fix: string, key?: string) =>
        ctx.issues.push({
          code: "custom",
          message,
          params: { code: "INVALID_VALUE", fix },
          input: ctx.value,
          path: key === undefined ? [] : [key],
        });
      if (named.length !== 1) {
        const [, second] = named;
        fault(
          named.length === 0
            ? "Nothing is named to wait for."
            : `A task waits for one thing, not for ${named.join(" and ")}.`,
          named.length === 0
            ? "Set one of file, url and flow."
            : "Make a task of each, and need them all.",
          second,
        );
        return;
      }
      for (const [key, owner] of Object.entries(owners)) {
        if (ctx.value[key as keyof typeof owners] === undefined || named[0] === owner) continue;
        fault(`"${key}" belongs to ${owner}.`, `Remove it, or wait for a ${owner}.`, key);
      }
    }),
  writes: "none",
  slotless: true,
};
