"use client";
import { useTranslations } from "next-intl";
import { Interval } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import { describedBy, Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import type { IntervalView } from "#server/core/run/view.ts";
import { addStep, instantOf, type Step, steps } from "./wall-time.ts";
import { ZoneField } from "./zone-field.tsx";

export interface IntervalDraft {
  /** False: the run covers no span of data. */
  on: boolean;
  /** Wall times in `zone`. */
  start: string;
  end: string;
  zone: string;
}

export type IntervalFault = "startMissing" | "endMissing" | "endBeforeStart";

/** The interval that a draft stands for, null for none, or what is wrong with it. */
export function readInterval(
  draft: IntervalDraft,
): { ok: true; interval: IntervalView | null } | { ok: false; fault: IntervalFault } {
  if (!draft.on) return { ok: true, interval: null };
  const start = instantOf(draft.start, draft.zone);
  const end = instantOf(draft.end, draft.zone);
  if (start === null) return { ok: false, fault: "startMissing" };
  if (end === null) return { ok: false, fault: "endMissing" };
  if (start >= end) return { ok: false, fault: "endBeforeStart" };
  return { ok: true, interval: { start, end } };
}

/** The span of data, half-open, and the zone in which its dates are read. */
export function IntervalFields({
  draft,
  required,
  fault,
  zoneFault,
  onChange,
}: {
  draft: IntervalDraft;
  /** True when a run without an interval is refused. */
  required: boolean;
  /** Shown at its field; null while nothing is to be said. */
  fault: IntervalFault | null;
  /** True when the zone is none that is known. */
  zoneFault: boolean;
  onChange: (draft: IntervalDraft) => void;
}) {
  const t = useTranslations("runForm");
  const startError = fault === "startMissing" ? t("fault.startMissing") : null;
  const endError = fault !== null && fault !== "startMissing" ? t(`fault.${fault}`) : null;
  const read = readInterval(draft);
  const step = (by: Step) => onChange({ ...draft, end: addStep(draft.start, by) ?? draft.end });
  return (
    <div className="grid gap-3">
      {required ? (
        <p className="text-muted text-sm">{t("intervalRequired")}</p>
      ) : (
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={draft.on}
            onChange={(event) => onChange({ ...draft, on: event.target.checked })}
            className="size-4 accent-accent"
          />
          {t("withInterval")}
        </label>
      )}
      {draft.on ? (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field id="interval-start" label={t("start")} help={t("startHelp")} error={startError}>
            <Input
              id="interval-start"
              type="datetime-local"
              value={draft.start}
              required={required}
              aria-invalid={startError !== null}
              aria-describedby={describedBy("interval-start", true, startError)}
              onChange={(event) => {
                const start = event.target.value;
                const end = draft.end === "" ? (addStep(start, "day") ?? "") : draft.end;
                onChange({ ...draft, start, end });
              }}
            />
          </Field>
          <Field id="interval-end" label={t("end")} help={t("endHelp")} error={endError}>
            <Input
              id="interval-end"
              type="datetime-local"
              value={draft.end}
              required={required}
              aria-invalid={endError !== null}
              aria-describedby={describedBy("interval-end", true, endError)}
              onChange={(event) => onChange({ ...draft, end: event.target.value })}
            />
            <span className="flex flex-wrap gap-1">
              {steps.map((by) => (
                <Button
                  key={by}
                  size="sm"
                  variant="ghost"
                  disabled={draft.start === ""}
                  onClick={() => step(by)}
                >
                  {t(`step.${by}`)}
                </Button>
              ))}
            </span>
          </Field>
        </div>
      ) : null}
      <ZoneField
        zone={draft.zone}
        isWrong={zoneFault}
        help={t("zoneHelp")}
        className="max-w-80"
        onChange={(zone) => onChange({ ...draft, zone })}
      />
      {draft.on && read.ok && read.interval !== null ? (
        <p className="text-muted text-sm">
          {t("covers")}{" "}
          <Interval
            start={read.interval.start}
            end={read.interval.end}
            flowZone={draft.zone}
            className="text-text"
          />
        </p>
      ) : null}
    </div>
  );
}
