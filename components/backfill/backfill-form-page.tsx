"use client";
import { useMutation } from "@tanstack/react-query";
import { CircleAlert, ListChecks } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useRef, useState } from "react";
import { ParamSection } from "#components/flow/run-form/param-section.tsx";
import { useRunForm } from "#components/flow/run-form/use-run-form.ts";
import { useTRPC } from "#components/shell/api.tsx";
import { apiErrorOf } from "#components/shell/api-error.ts";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { FlowZone } from "#components/time/zone.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { describedBy, Field } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Select } from "#components/ui/select.tsx";
import { backfillOrders, backfillSteps, reprocessModes } from "#server/core/backfill/states.ts";
import type { BackfillSummary } from "#server/core/backfill/view.ts";
import type { IntervalView, RunDraft } from "#server/core/run/view.ts";
import {
  type BackfillDraft,
  boundFor,
  type DraftFault,
  firstDraft,
  readDraft,
} from "./form-request.ts";

/** Intervals that were chosen elsewhere, and in which words to name them. */
export interface ChosenIntervals {
  intervals: IntervalView[];
  revision: number;
  year: number;
}

/**
 * The form of a backfill. It runs nothing: sending it stores a plan, whose page lists every interval
 * with its decision and starts it.
 */
export function BackfillFormPage({
  draft: runDraft,
  scheduleZone,
  earlier,
  chosen,
  now,
}: {
  draft: RunDraft;
  /** Zone of the flow's first schedule; null without one. */
  scheduleZone: string | null;
  /** A backfill whose settings fill the form. */
  earlier: BackfillSummary | null;
  chosen: ChosenIntervals | null;
  now: string;
}) {
  const t = useTranslations("backfills.form");
  const words = useTranslations("backfills");
  const common = useTranslations("runForm");
  const trpc = useTRPC();
  const router = useRouter();
  const element = useRef<HTMLFormElement>(null);
  const form = useRunForm(runDraft);
  const [draft, setDraft] = useState<BackfillDraft>(() => ({
    ...firstDraft(earlier, scheduleZone !== null, earlier?.timezone ?? runDraft.timezone, now),
    // They have succeeded, with a revision that is not wanted any more.
    ...(chosen === null ? {} : { kind: "range" as const, reprocess: "all" as const }),
  }));
  const [tried, setTried] = useState(false);
  const [general, setGeneral] = useState<string | null>(null);
  const plan = useMutation(trpc.backfills.plan.mutationOptions());
  const set = (change: Partial<BackfillDraft>) => setDraft((old) => ({ ...old, ...change }));
  const read = readDraft(draft);
  const faults = tried && !read.ok ? read.faults : [];
  const errorOf = (field: DraftFault["field"]): string | null => {
    const fault = faults.find((one) => one.field === field);
    if (fault === undefined) return null;
    if (fault.kind === "numberFault") return t("numberFault", { min: 1, max: fault.max });
    return fault.kind === "setsFault" ? t("setsFault", { line: fault.line }) : t(fault.kind);
  };
  const bySchedule = draft.kind === "range" && draft.step === "schedule" && chosen === null;

  const submit = () => {
    if (plan.isPending || plan.isSuccess) return;
    setTried(true);
    setGeneral(null);
    const request = form.attempt();
    if (request === null || !read.ok || form.zoneFault) {
      requestAnimationFrame(() =>
        element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(),
      );
      return;
    }
    const { from, to, step, sets, ...how } = read.request;
    const what =
      chosen !== null
        ? { intervals: chosen.intervals }
        : sets !== undefined
          ? { sets }
          : {
              ...(from === undefined ? {} : { from }),
              ...(to === undefined ? {} : { to }),
              ...(step === undefined ? {} : { step }),
            };
    plan.mutate(
      {
        flow: runDraft.flow,
        revision: runDraft.revision,
        params: request.params,
        ...(bySchedule ? {} : { timezone: request.timezone }),
        ...what,
        ...how,
      },
      {
        onSuccess: ({ id }) => router.push(`/backfills/${id}`),
        onError: (thrown) => {
          const error = apiErrorOf(thrown);
          setGeneral(error === null ? common("noAnswer") : form.refuse(error));
        },
      },
    );
  };
  useShortcut({ keys: "mod+enter", label: t("preview"), inFields: true, run: submit });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit();
  };
  const flowName = runDraft.flowName ?? runDraft.flow;

  return (
    <FlowZone zone={form.interval.zone}>
      <Page>
        <PageHeader
          title={t("title", { flow: flowName })}
          description={
            runDraft.revision === runDraft.latestRevision
              ? t("hint", { number: runDraft.revision })
              : t("hintOlder", { number: runDraft.revision, latest: runDraft.latestRevision })
          }
        />
        <form ref={element} noValidate onSubmit={onSubmit} className="grid max-w-3xl gap-4">
          <Panel
            title={t("what")}
            aside={
              chosen !== null ? undefined : (
                <fieldset className="flex rounded-md bg-fill-strong p-0.5">
                  <legend className="sr-only">{t("what")}</legend>
                  {(["range", "sets"] as const).map((kind) => (
                    <Button
                      key={kind}
                      size="sm"
                      variant="ghost"
                      aria-pressed={draft.kind === kind}
                      onClick={() => set({ kind })}
                      className="h-6 aria-pressed:bg-surface aria-pressed:text-text"
                    >
                      {t(`kinds.${kind}`)}
                    </Button>
                  ))}
                </fieldset>
              )
            }
          >
            <div className="grid gap-3 p-3">
              {chosen !== null ? (
                <p className="font-medium text-sm">
                  {t("before", {
                    count: chosen.intervals.length,
                    revision: chosen.revision,
                    year: String(chosen.year),
                  })}
                </p>
              ) : draft.kind === "sets" ? (
                <Field
                  id="sets"
                  label={t("setsLabel")}
                  help={t("setsHelp")}
                  error={errorOf("sets")}
                >
                  <Textarea
                    id="sets"
                    rows={6}
                    spellCheck={false}
                    className="font-mono"
                    placeholder={'{"station": "seattle"}\n{"station": "portland"}'}
                    value={draft.sets}
                    aria-invalid={errorOf("sets") !== null}
                    aria-describedby={describedBy("sets", true, errorOf("sets"))}
                    onChange={(event) => set({ sets: event.target.value })}
                  />
                </Field>
              ) : (
                <div className="grid gap-3 sm:grid-cols-2">
                  {(["from", "to"] as const).map((field) => (
                    <Field
                      key={field}
                      id={field}
                      label={t(field)}
                      help={t(`${field}Help`)}
                      error={errorOf(field)}
                    >
                      <Input
                        id={field}
                        type={draft.step === "hour" ? "datetime-local" : "date"}
                        value={boundFor(draft.step, draft[field])}
                        aria-invalid={errorOf(field) !== null}
                        aria-describedby={describedBy(field, true, errorOf(field))}
                        onChange={(event) => set({ [field]: event.target.value })}
                      />
                    </Field>
                  ))}
                  <Field id="step" label={t("step")}>
                    <Select
                      id="step"
                      value={draft.step}
                      className="w-full"
                      options={backfillSteps
                        .filter((step) => step !== "schedule" || scheduleZone !== null)
                        .map((step) => ({
                          value: step,
                          label: step === "schedule" ? t("stepSchedule") : words(`steps.${step}`),
                        }))}
                      onChange={(step) =>
                        set({
                          step,
                          from: boundFor(step, draft.from),
                          to: boundFor(step, draft.to),
                        })
                      }
                    />
                  </Field>
                  <Field
                    id="timezone"
                    label={words("zone")}
                    aside={bySchedule ? t("zoneOfSchedule") : t("zoneHelp")}
                    error={form.zoneFault ? t("zoneFault") : null}
                  >
                    <Input
                      id="timezone"
                      list="timezones"
                      spellCheck={false}
                      autoComplete="off"
                      disabled={bySchedule}
                      value={bySchedule ? (scheduleZone ?? "") : form.interval.zone}
                      aria-invalid={form.zoneFault}
                      aria-describedby={describedBy("timezone", false, form.zoneFault)}
                      onChange={(event) =>
                        form.setInterval({ ...form.interval, zone: event.target.value })
                      }
                    />
                    <datalist id="timezones">
                      {["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => (
                        <option key={zone} value={zone} />
                      ))}
                    </datalist>
                  </Field>
                </div>
              )}
            </div>
          </Panel>
          <ParamSection form={form} draft={runDraft} />
          <Panel title={t("how")}>
            <div className="grid gap-3 p-3 sm:grid-cols-2">
              <Field id="reprocess" label={t("reprocess")}>
                <Select
                  id="reprocess"
                  className="w-full"
                  value={draft.reprocess}
                  options={reprocessModes.map((value) => ({
                    value,
                    label: words(`reprocessModes.${value}`),
                  }))}
                  onChange={(reprocess) => set({ reprocess })}
                />
              </Field>
              <Field id="order" label={t("order")}>
                <Select
                  id="order"
                  className="w-full"
                  value={draft.order}
                  options={backfillOrders.map((value) => ({
                    value,
                    label: words(`orders.${value}`),
                  }))}
                  onChange={(order) => set({ order })}
                />
              </Field>
              <NumberField
                field="concurrency"
                label={words("concurrency")}
                help={t("concurrencyHelp")}
                value={draft.concurrency}
                error={errorOf("concurrency")}
                onChange={(concurrency) => set({ concurrency })}
              />
              <NumberField
                field="canary"
                label={t("canary")}
                help={t("canaryHelp")}
                value={draft.canary}
                error={errorOf("canary")}
                onChange={(canary) => set({ canary })}
              />
              <NumberField
                field="stopAfter"
                label={t("stopAfter")}
                help={t("stopAfterHelp")}
                value={draft.stopAfter}
                error={errorOf("stopAfter")}
                onChange={(stopAfter) => set({ stopAfter })}
              />
            </div>
          </Panel>
          {general === null ? null : (
            <p
              role="alert"
              className="flex items-start gap-2 rounded-md bg-failed-soft px-3 py-2 text-failed text-sm"
            >
              <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              {general}
            </p>
          )}
          <div className="flex flex-wrap items-center gap-2">
            <Button
              type="submit"
              variant="primary"
              aria-disabled={plan.isPending || plan.isSuccess}
            >
              <ListChecks aria-hidden />
              {plan.isPending || plan.isSuccess ? t("planning") : t("preview")}
              <Kbd keys="mod+enter" hint inverse className="hidden sm:inline-flex" />
            </Button>
            <ButtonLink variant="ghost" href={`/flows/${encodeURIComponent(runDraft.flow)}`}>
              {common("cancel")}
            </ButtonLink>
          </div>
        </form>
      </Page>
    </FlowZone>
  );
}

function NumberField({
  field,
  label,
  help,
  value,
  error,
  onChange,
}: {
  field: string;
  label: string;
  help: string;
  value: string;
  error: string | null;
  onChange: (value: string) => void;
}) {
  return (
    <Field id={field} label={label} help={help} error={error}>
      <Input
        id={field}
        type="number"
        min={1}
        inputMode="numeric"
        value={value}
        className="max-w-40"
        aria-invalid={error !== null}
        aria-describedby={describedBy(field, true, error)}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
