import { z } from "zod";
import { AppError } from "#server/core/errors.ts";
import { refuseField } from "#server/core/flow/read/task-fields.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { TaskTypeSpec } from "#server/core/flow/task-type.ts";
import { isTemplate } from "#server/core/flow/template/template.ts";
import { zoneClock } from "#server/core/schedule/zone.ts";

const FORM =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;
const HOW =
  "Write a date or a time such as 2026-03-01T06:30, with an offset or Z if it is not in the run's time zone.";

const time = z.string().check((ctx) => {
  if (isTemplate(ctx.value) || instantOf(ctx.value, "UTC") !== null) return;
  refuseField(ctx, "INVALID_VALUE", `"${ctx.value.slice(0, 80)}" is no date and no time.`, HOW);
});

export const waitUntilSpec: TaskTypeSpec = {
  type: "wait_until",
  title: "Wait until",
  description: "Lets the next task start no earlier than a time. Takes no slot.",
  icon: "alarm-clock",
  params: z.strictObject({
    time: time.describe("A date or a time in the run's time zone, or a time with its offset."),
  }),
  writes: "none",
  slotless: true,
};

/**
 * The instant that a text names.
 * @param zone IANA name, for texts without an offset; a skipped time is when the clock jumps over it
 * @returns milliseconds since 1970, or null when the text is no date and no time
 */
export function instantOf(text: string, zone: string): number | null {
  const found = FORM.exec(text.trim());
  if (found === null) return null;
  const [year, month, day, hour, minute, second] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const read = new Date(wall);
  const exists =
    read.getUTCMonth() === month - 1 && read.getUTCDate() === day && hour < 24 && minute < 60;
  if (!exists || second > 59) return null;
  const offset = found[7];
  if (offset === undefined) return zoneClock(zone).instantOf(wall);
  const instant = Date.parse(text.trim().replace(" ", "T"));
  return Number.isNaN(instant) ? null : instant;
}

/** @throws AppError INVALID_INPUT when a template rendered to something that is no time */
export function untilMs(settings: Readonly<Record<string, Json>>, zone: string): number {
  const text = String(settings.time);
  const instant = instantOf(text, zone);
  if (instant !== null) return instant;
  throw new AppError(
    "INVALID_INPUT",
    `The time was rendered to ${JSON.stringify(text)}, which is no date and no time.`,
    { fix: HOW },
  );
}
