"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, useId, useRef, useState } from "react";
import { randomKey, requestKeys } from "#components/rerun/request-keys.ts";
import { ScopeChoice } from "#components/rerun/scope-choice.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { apiErrorOf } from "#components/shell/api-error.ts";
import { useNumberText } from "#components/time/time.tsx";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Textarea } from "#components/ui/input.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { type BulkKind, MAX_BULK_RUNS } from "#server/core/run/bulk-view.ts";
import type { RunFilter } from "#server/core/run/view.ts";

/**
 * How many runs a bulk action would act upon, and its start. Mount it only while it is open: each
 * opening has its own idempotency keys.
 */
export function BulkDialog({
  kind,
  filter,
  onClose,
  onStarted,
}: {
  kind: BulkKind;
  filter: RunFilter;
  onClose: () => void;
  /** Called once with the id of the bulk action. */
  onStarted: (id: string) => void;
}) {
  const t = useTranslations("bulk");
  const number = useNumberText();
  const trpc = useTRPC();
  const formId = useId();
  const [scope, setScope] = useState("failed");
  const [reason, setReason] = useState("");
  const [stale, setStale] = useState(false);
  const [keyOf] = useState(() => requestKeys(randomKey));
  const sending = useRef(false);

  const query = useQuery(
    trpc.bulk.preview.queryOptions(
      { kind, filter },
      { staleTime: 0, gcTime: 0, retry: false, refetchOnWindowFocus: false },
    ),
  );
  const preview = query.isError ? undefined : query.data;
  const start = useMutation(
    trpc.bulk.start.mutationOptions({
      onSuccess: ({ id }) => onStarted(id),
      onError: (error) => {
        sending.current = false;
        if (apiErrorOf(error)?.code !== "STALE_PLAN") return;
        setStale(true);
        void query.refetch();
      },
    }),
  );
  const tooMany = (preview?.count ?? 0) > MAX_BULK_RUNS;
  const none = preview?.count === 0;
  const ready = preview !== undefined && !query.isFetching && !tooMany && !none && !start.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The state of the mutation is not drawn yet at the second click of a double click.
    if (!ready || sending.current) return;
    const why = reason.trim();
    const order = {
      filter,
      count: preview.count,
      highWater: preview.highWater,
      ...(why === "" ? {} : { reason: why }),
    };
    const request =
      kind === "rerun"
        ? { kind, scope: scope === "all" ? ("all" as const) : ("failed" as const), ...order }
        : { kind, ...order };
    sending.current = true;
    start.mutate({ ...request, idempotencyKey: keyOf(request) });
  };
  const refusal = query.isError ? query.error : start.isError ? start.error : null;
  const known = refusal === null ? null : apiErrorOf(refusal);
  const told = refusal !== null && known?.code !== "STALE_PLAN";

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t(`${kind}Title`)}
      description={t(`${kind}Description`)}
      footer={
        <>
          <Button onClick={onClose}>{t("close")}</Button>
          <Button
            type="submit"
            form={formId}
            variant={kind === "cancel" ? "danger" : "primary"}
            aria-disabled={!ready}
          >
            {start.isPending
              ? t("starting")
              : t(`${kind}Start`, { count: tooMany ? 0 : (preview?.count ?? 0) })}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} className="grid gap-4">
        {preview === undefined ? (
          told ? null : (
            <Skeleton className="w-2/3" />
          )
        ) : (
          <p className="text-sm" role="status">
            {tooMany
              ? t("tooMany", { limit: number(MAX_BULK_RUNS) })
              : t(`${kind}Count`, { count: preview.count })}
          </p>
        )}
        {stale ? (
          <p role="alert" className="rounded-md bg-yellow-soft px-3 py-2 text-sm text-yellow">
            {t("stale")}
          </p>
        ) : null}
        {told ? (
          <div role="alert" className="grid gap-0.5 rounded-md bg-failed-soft px-3 py-2 text-sm">
            <p className="text-failed">{known?.message ?? t("noAnswer")}</p>
            {known?.fix ? <p className="text-muted">{known.fix}</p> : null}
          </div>
        ) : null}
        {kind === "rerun" ? (
          <ScopeChoice scope={scope} task={null} name={null} onScope={setScope} />
        ) : null}
        <Field id={`${formId}-reason`} label={t("reason")} help={t(`${kind}ReasonHelp`)}>
          <Textarea
            id={`${formId}-reason`}
            value={reason}
            maxLength={2_000}
            rows={2}
            aria-describedby={`${formId}-reason-help`}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
