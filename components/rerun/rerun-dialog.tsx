"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useId, useRef, useState } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { apiErrorOf } from "#components/shell/api-error.ts";
import { useThrownText } from "#components/shell/error-text.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { RerunPlan } from "#server/core/run/rerun-view.ts";
import { CertificateView } from "./certificate.tsx";
import { PlanList } from "./plan-list.tsx";
import { randomKey, requestKeys } from "./request-keys.ts";
import { ScopeChoice } from "./scope-choice.tsx";

/** What a rerun is of: a run that has ended. */
export interface RerunTarget {
  id: string;
  flow: string;
}

/**
 * The plan of an identical rerun, and its start. Mount it only while it is open: each opening has its
 * own idempotency keys.
 */
export function RerunDialog({
  run,
  scope: firstScope,
  task,
  onClose,
  onStarted,
}: {
  run: RerunTarget;
  /** `all`, `failed` or `from:<task>`. */
  scope: string;
  /** The task that a rerun may begin from, if one is chosen. */
  task: string | null;
  onClose: () => void;
  /** Called once with the id of the new run. */
  onStarted: (id: string) => void;
}) {
  const t = useTranslations("rerun");
  const trpc = useTRPC();
  const formId = useId();
  const [scope, setScope] = useState(firstScope);
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const [stale, setStale] = useState(false);
  const [keyOf] = useState(() => requestKeys(randomKey));
  const sending = useRef(false);
  const startButton = useRef<HTMLButtonElement>(null);
  const reasonField = useRef<HTMLTextAreaElement>(null);

  const query = useQuery(
    trpc.runs.rerunPlan.queryOptions(
      { id: run.id, scope },
      { staleTime: 0, gcTime: 0, retry: false, refetchOnWindowFocus: false },
    ),
  );
  const plan = query.isError ? undefined : query.data;
  const rerun = useMutation(
    trpc.runs.rerun.mutationOptions({
      onSuccess: ({ id }) => onStarted(id),
      onError: (error) => {
        sending.current = false;
        const code = apiErrorOf(error)?.code;
        if (code === "STALE_PLAN" || code === "GUARD_REASON_REQUIRED") {
          setStale(code === "STALE_PLAN");
          void query.refetch();
        }
      },
    }),
  );

  const guarded = plan?.guardedTasks ?? [];
  const refused = plan?.certificate.verdict === "different";
  const ready = plan !== undefined && !query.isFetching && !refused && !rerun.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The state of the mutation is not drawn yet at the second click of a double click.
    if (!ready || sending.current) return;
    const why = reason.trim();
    if (guarded.length > 0 && why === "") {
      setMissing(true);
      reasonField.current?.focus();
      return;
    }
    const request = {
      id: run.id,
      scope,
      planHash: plan.hash,
      ...(guarded.length > 0 ? { reason: why } : {}),
    };
    sending.current = true;
    rerun.mutate({ ...request, idempotencyKey: keyOf(request) });
  };

  const startError = rerun.isError ? apiErrorOf(rerun.error) : null;
  const failed = rerun.isError && startError?.code !== "STALE_PLAN";
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t("title", { id: run.id })}
      description={t("description")}
      initialFocus={startButton}
      className="max-w-xl"
      footer={
        <>
          <Button onClick={onClose}>{t("close")}</Button>
          <Button
            ref={startButton}
            type="submit"
            form={formId}
            variant="primary"
            aria-disabled={!ready}
          >
            {rerun.isPending ? t("starting") : t("start")}
            <Kbd keys="enter" inverse className="max-sm:hidden" />
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="grid gap-4">
        <ScopeChoice
          scope={scope}
          task={task}
          name={task === null ? null : (plan?.names[task] ?? null)}
          onScope={(next) => {
            setScope(next);
            setStale(false);
            rerun.reset();
          }}
        />
        {stale ? (
          <p role="alert" className="rounded-md bg-yellow-soft px-3 py-2 text-sm text-yellow">
            {t("stale")}
          </p>
        ) : null}
        {failed ? <Refusal error={rerun.error} /> : null}
        {query.isError ? <Refusal error={query.error} /> : null}
        {plan === undefined ? (
          query.isError ? null : (
            <div className="grid gap-2">
              <Skeleton className="w-1/2" />
              <Skeleton className="h-28" />
            </div>
          )
        ) : (
          <>
            <Counts plan={plan} />
            <PlanList plan={plan} />
            <CertificateView certificate={plan.certificate} parent={run.id} />
          </>
        )}
        {guarded.length === 0 ? null : (
          <Field
            id={`${formId}-reason`}
            label={t("guardReason")}
            required
            help={t("guardHelp", {
              tasks: guarded
                .slice(0, 5)
                .map((id) => plan?.names[id] ?? id)
                .join(", "),
              count: guarded.length,
            })}
            error={missing && reason.trim() === "" ? t("guardMissing") : undefined}
          >
            <Textarea
              ref={reasonField}
              id={`${formId}-reason`}
              value={reason}
              maxLength={2_000}
              rows={2}
              aria-required
              aria-invalid={missing && reason.trim() === ""}
              aria-describedby={`${formId}-reason-help`}
              onChange={(event) => setReason(event.target.value)}
            />
          </Field>
        )}
      </form>
    </Dialog>
  );
}

function Counts({ plan }: { plan: RerunPlan }) {
  const t = useTranslations("rerun");
  const { run, reuse, skip } = plan.counts;
  return (
    <p className="flex flex-wrap gap-x-4 text-sm">
      <span className="font-medium">{t("willRun", { count: run })}</span>
      {reuse > 0 ? <span className="text-muted">{t("willReuse", { count: reuse })}</span> : null}
      {skip > 0 ? <span className="text-muted">{t("willSkip", { count: skip })}</span> : null}
    </p>
  );
}

function Refusal({ error }: { error: unknown }) {
  const t = useTranslations("rerun");
  const { message, fix, detail } = useThrownText()(error);
  return (
    <div role="alert" className="grid gap-0.5 rounded-md bg-failed-soft px-3 py-2 text-sm">
      <p className="text-failed">{apiErrorOf(error) === null ? t("noAnswer") : message}</p>
      {fix === null ? null : <p className="text-muted">{fix}</p>}
      {detail === null ? null : (
        <p lang="en" className="text-muted text-xs">
          {detail}
        </p>
      )}
    </div>
  );
}
