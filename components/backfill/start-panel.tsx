"use client";
import { useMutation } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, useRef, useState } from "react";
import { randomKey, requestKeys } from "#components/rerun/request-keys.ts";
import { useTRPC } from "#components/shell/api.tsx";
import { apiErrorOf } from "#components/shell/api-error.ts";
import { useThrownText } from "#components/shell/error-text.ts";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Textarea } from "#components/ui/input.tsx";
import type { BackfillDetail } from "#server/core/backfill/view.ts";

/** Confirms exactly the plan that is shown, once; effects that would be repeated need a reason. */
export function StartPanel({
  backfill,
  onChanged,
  onStale,
}: {
  backfill: BackfillDetail;
  onChanged: (backfill: BackfillDetail) => void;
  /** The plan was replaced: what is shown must be read anew. */
  onStale: () => void;
}) {
  const t = useTranslations("backfills");
  const trpc = useTRPC();
  const [keyOf] = useState(() => requestKeys(randomKey));
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const [stale, setStale] = useState(false);
  const sending = useRef(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const start = useMutation(
    trpc.backfills.start.mutationOptions({
      onSuccess: onChanged,
      onError: (error) => {
        sending.current = false;
        if (apiErrorOf(error)?.code !== "STALE_PLAN") return;
        setStale(true);
        onStale();
      },
    }),
  );
  const { guarded, counts } = backfill;
  const isGuarded = guarded.rows > 0;
  const ready = counts.waiting > 0 && !start.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || sending.current) return;
    const why = reason.trim();
    if (isGuarded && why === "") {
      setMissing(true);
      field.current?.focus();
      return;
    }
    const request = {
      id: backfill.id,
      planHash: backfill.planHash,
      ...(isGuarded ? { reason: why } : {}),
    };
    sending.current = true;
    start.mutate({ ...request, idempotencyKey: keyOf(request) });
  };
  const textOf = useThrownText();
  const isRefused = start.isError && apiErrorOf(start.error)?.code !== "STALE_PLAN";
  const refusal = isRefused ? textOf(start.error) : null;
  const isMissing = missing && reason.trim() === "";
  return (
    <form onSubmit={submit} className="grid gap-3 rounded-lg border bg-surface p-3">
      <p className="text-muted text-sm">{t("plannedHint")}</p>
      {stale ? (
        <p role="alert" className="rounded-md bg-yellow-soft px-3 py-2 text-sm text-yellow">
          {t("stale")}
        </p>
      ) : null}
      {refusal === null ? null : (
        <p role="alert" className="rounded-md bg-failed-soft px-3 py-2 text-failed text-sm">
          {[refusal.message, refusal.fix, refusal.detail].filter(Boolean).join(" ")}
        </p>
      )}
      {isGuarded ? (
        <Field
          id="guard-reason"
          label={t("guardReason")}
          required
          help={t("guardHelp", {
            count: guarded.rows,
            tasks: guarded.tasks.slice(0, 5).join(", "),
          })}
          error={isMissing ? t("guardMissing") : undefined}
        >
          <Textarea
            ref={field}
            id="guard-reason"
            rows={2}
            maxLength={2_000}
            value={reason}
            aria-required
            aria-invalid={isMissing}
            aria-describedby="guard-reason-help"
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
      ) : null}
      {counts.waiting === 0 ? (
        <p className="font-medium text-orange text-sm">{t("nothingToRun")}</p>
      ) : null}
      <p className="flex gap-3 text-sm">
        <span className="font-medium">{t("willRun", { count: counts.waiting })}</span>
        <span className="text-muted">{t("willSkip", { count: counts.skipped })}</span>
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="primary" aria-disabled={!ready}>
          <Play aria-hidden />
          {start.isPending ? t("starting") : t("start", { count: counts.waiting })}
        </Button>
        <ButtonLink
          href={`/flows/${encodeURIComponent(backfill.flow)}/backfill?from=${backfill.id}`}
        >
          {t("change")}
        </ButtonLink>
      </div>
    </form>
  );
}
