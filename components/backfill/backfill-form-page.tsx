"use client";
import { useMutation } from "@tanstack/react-query";
import { ListChecks } from "lucide-react";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { ParamSection } from "#components/flow/run-form/param-section.tsx";
import { RequestForm } from "#components/flow/run-form/request-form.tsx";
import { useRunForm } from "#components/flow/run-form/use-run-form.ts";
import { ZoneField } from "#components/flow/run-form/zone-field.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { apiErrorOf } from "#components/shell/api-error.ts";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { FlowZone } from "#components/time/zone.tsx";
import { describedBy, Field } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Segments } from "#components/ui/segments.tsx";
import { Select } from "#components/ui/select.tsx";
import { backfillOrders, backfillSteps, reprocessModes } from "#server/core/backfill/states.ts";
import type { BackfillDraftView, ChosenIntervals } from "#server/core/backfill/view.ts";
import {
  type BackfillDraft,
  boundFor,
  type DraftFault,
  firstDraft,
  knowsDays,
  readDraft,
} from "./form-request.ts";

/**
 * The form of a backfill. It runs nothing: sending it stores a plan, whose page lists every interval
 * with its decision and starts it.
 */
export function BackfillFormPage({ draft: view }: { draft: BackfillDraftView }) {
  const { schedules, chosen } = view;
  const t = useTranslations("backfills.form");
  const words = useTranslations("backfills");
  const common = useTranslations("runForm");
  const locale = useLocale();
  const trpc = useTRPC();
  const router = useRouter();
  const [draft, setDraft] = useState<BackfillDraft>(() => ({
    ...firstDraft(view),
    ...(chosen === null ? {} : { kind: "range" as const }),
    // They have succeeded, with a revision that is not wanted any more.
    ...(chosen !== null && succeeded(chosen) ? { reprocess: "all" as const } : {}),
  }));
  // Each set brings what all have not in common; whether it does is known when it is planned.
  const isOverSets = draft.kind === "sets";
  const runDraft = useMemo(
    () => (isOverSets ? { ...view.run, required: [] } : view.run),
    [view.run, isOverSets],
  );
  const form = useRunForm(runDraft);
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
  const schedule =
    draft.kind === "range" && draft.step === "schedule" && chosen === null
      ? schedules[draft.schedule - 1]
      : undefined;

  const onSend = (): boolean => {
    setTried(true);
    setGeneral(null);
    const request = form.attempt();
    if (request === null || !read.ok || form.zoneFault) return false;
    const { order, concurrency, reprocess, canary, stopAfter, ...what } = read.request;
    plan.mutate(
      {
        flow: runDraft.flow,
        revision: runDraft.revision,
        params: request.params,
        ...(schedule === undefined ? { timezone: request.timezone } : {}),
        ...(chosen === null ? what : { intervals: chosen.intervals }),
        ...{ order, concurrency, reprocess },
        ...(canary === undefined ? {} : { canary }),
        ...(stopAfter === undefined ? {} : { stopAfter }),
      },
      {
        onSuccess: ({ id }) => router.push(`/backfills/${id}`),
        onError: (thrown) => {
          const error = apiErrorOf(thrown);
          setGeneral(error === null ? common("noAnswer") : form.refuse(error));
        },
      },
    );
    return true;
  };
  /** Backfills that began at some hour keep it, whatever their step. */
  const boundOf = (field: "from" | "to") =>
    draft.step === "hour" ? boundFor("hour", draft[field]) : draft[field];
  /** The values that a schedule gives its runs come with its intervals. */
  const takeSchedule = (position: number) => {
    set({ schedule: position });
    const own = schedules[position - 1]?.params ?? {};
    const known = Object.entries(own).filter(([name]) => Object.hasOwn(runDraft.schemas, name));
    form.setParams({ ...form.params, ...Object.fromEntries(known) });
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
        <RequestForm
          submit={{
            icon: <ListChecks aria-hidden />,
            text: plan.isPending || plan.isSuccess ? t("planning") : t("preview"),
            shortcut: t("preview"),
            isBusy: plan.isPending || plan.isSuccess,
          }}
          refusal={general}
          cancelHref={`/flows/${encodeURIComponent(runDraft.flow)}`}
          onSend={onSend}
        >
          <Panel
            title={t("what")}
            aside={
              chosen !== null ? undefined : (
                <Segments
                  label={t("what")}
                  value={draft.kind}
                  options={(["range", "sets"] as const).map((kind) => ({
                    value: kind,
                    label: t(`kinds.${kind}`),
                  }))}
                  onChange={(kind) => set({ kind })}
                />
              )
            }
          >
            <div className="grid gap-3 p-3">
              {chosen !== null ? (
                <Chosen chosen={chosen} />
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
                  {knowsDays(view) ? null : (
                    <p className="text-muted text-sm sm:col-span-2">{t("daysUnknown")}</p>
                  )}
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
                        type={boundOf(field).length > 10 ? "datetime-local" : "date"}
                        value={boundOf(field)}
                        aria-invalid={errorOf(field) !== null}
                        aria-describedby={describedBy(field, true, errorOf(field))}
                        onChange={(event) => set({ [field]: event.target.value })}
                      />
                    </Field>
                  ))}
                  <Field id="step" label={t("step")} help={t("stepHelp")}>
                    <Select
                      id="step"
                      describedBy={describedBy("step", true, null)}
                      value={draft.step}
                      className="w-full"
                      options={backfillSteps
                        .filter((step) => step !== "schedule" || schedules.length > 0)
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
                  <ZoneField
                    zone={schedule?.timezone ?? form.interval.zone}
                    isWrong={schedule === undefined && form.zoneFault}
                    isFixed={schedule !== undefined}
                    help={schedule === undefined ? t("zoneHelp") : t("zoneOfSchedule")}
                    onChange={(zone) => form.setInterval({ ...form.interval, zone })}
                  />
                  {schedule === undefined || schedules.length < 2 ? null : (
                    <Field id="schedule" label={t("schedule")} className="sm:col-span-2">
                      <Select
                        id="schedule"
                        value={String(draft.schedule)}
                        className="w-full"
                        options={schedules.map((one) => ({
                          value: String(one.position),
                          label: `${one.words?.[locale] ?? one.cron} (${one.timezone})`,
                        }))}
                        onChange={(position) => takeSchedule(Number(position))}
                      />
                    </Field>
                  )}
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
        </RequestForm>
      </Page>
    </FlowZone>
  );
}

/** What succeeded is run again only when that is asked for. */
function succeeded({ from }: ChosenIntervals): boolean {
  if (from.kind === "backfill") return false;
  return "before" in from.pick || from.pick.state === "succeeded";
}

/** Where the intervals of the form come from, when not from dates. */
function Chosen({ chosen: { intervals, from } }: { chosen: ChosenIntervals }) {
  const t = useTranslations("backfills.form");
  const words = useTranslations("common.state");
  const count = intervals.length;
  if (from.kind === "backfill") {
    return <p className="font-medium text-sm">{t("listed", { count, id: from.id })}</p>;
  }
  const year = String(from.year);
  return (
    <p className="font-medium text-sm">
      {"before" in from.pick
        ? t("before", { count, year, revision: from.pick.before })
        : t("inState", { count, year, state: words(from.pick.state) })}
    </p>
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
