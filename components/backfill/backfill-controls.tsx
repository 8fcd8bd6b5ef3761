"use client";
import { useMutation } from "@tanstack/react-query";
import { CirclePause, CirclePlay, RotateCcw, Square } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, useId, useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "#components/shell/api.tsx";
import { apiErrorOf } from "#components/shell/api-error.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import type { BackfillDetail } from "#server/core/backfill/view.ts";

/** What can be asked of a backfill now. Buttons that wait for an answer keep the focus. */
export function BackfillControls({
  backfill,
  onChanged,
}: {
  backfill: BackfillDetail;
  onChanged: (backfill: BackfillDetail) => void;
}) {
  const t = useTranslations("backfills");
  const trpc = useTRPC();
  const [cancelling, setCancelling] = useState(false);
  const [retrying, setRetrying] = useState(false);
  const { id, controls } = backfill;
  const onError = (error: unknown) => {
    const known = apiErrorOf(error);
    if (known?.code === "GUARD_REASON_REQUIRED") {
      setRetrying(true);
      return;
    }
    toast.error(known?.message ?? t("noAnswer"));
  };
  const told = (text: string) => (next: BackfillDetail) => {
    toast.success(text);
    onChanged(next);
  };
  const pause = useMutation(
    trpc.backfills.pause.mutationOptions({ onSuccess: told(t("done.pause")), onError }),
  );
  const resume = useMutation(
    trpc.backfills.resume.mutationOptions({ onSuccess: told(t("done.resume")), onError }),
  );
  const retry = useMutation(
    trpc.backfills.retryFailed.mutationOptions({ onSuccess: told(t("done.retry")), onError }),
  );
  return (
    <>
      {controls.setConcurrency ? <Concurrency backfill={backfill} onChanged={onChanged} /> : null}
      {controls.retryFailed ? (
        <Button
          variant="primary"
          aria-disabled={retry.isPending}
          onClick={() => {
            if (!retry.isPending) retry.mutate({ id });
          }}
        >
          <RotateCcw aria-hidden />
          {t("retryFailed")}
        </Button>
      ) : null}
      {controls.pause ? (
        <Button
          aria-disabled={pause.isPending}
          onClick={() => {
            if (!pause.isPending) pause.mutate({ id });
          }}
        >
          <CirclePause aria-hidden />
          {t("pause")}
        </Button>
      ) : null}
      {controls.resume ? (
        <Button
          aria-disabled={resume.isPending}
          onClick={() => {
            if (!resume.isPending) resume.mutate({ id });
          }}
        >
          <CirclePlay aria-hidden />
          {t("resume")}
        </Button>
      ) : null}
      {controls.cancel ? (
        <Button variant="ghost" onClick={() => setCancelling(true)}>
          <Square aria-hidden className="size-3.5! fill-current" />
          {t("cancel")}
        </Button>
      ) : null}
      {cancelling ? (
        <CancelDialog
          backfill={backfill}
          onClose={() => setCancelling(false)}
          onChanged={onChanged}
        />
      ) : null}
      {retrying ? (
        <RetryDialog
          pending={retry.isPending}
          onClose={() => setRetrying(false)}
          onReason={(reason) => {
            setRetrying(false);
            retry.mutate({ id, reason });
          }}
        />
      ) : null}
    </>
  );
}

function Concurrency({
  backfill,
  onChanged,
}: {
  backfill: BackfillDetail;
  onChanged: (backfill: BackfillDetail) => void;
}) {
  const t = useTranslations("backfills");
  const trpc = useTRPC();
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const change = useMutation(
    trpc.backfills.setConcurrency.mutationOptions({
      onSuccess: (next) => {
        toast.success(t("done.concurrency", { count: next.concurrency }));
        setText(null);
        onChanged(next);
      },
      onError: (error) => toast.error(apiErrorOf(error)?.message ?? t("noAnswer")),
    }),
  );
  const value = Number(text ?? backfill.concurrency);
  const valid = Number.isInteger(value) && value >= 1 && value <= 1_000;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!valid || change.isPending || value === backfill.concurrency) return;
    change.mutate({ id: backfill.id, concurrency: value });
  };
  return (
    <form onSubmit={submit} className="flex items-center gap-1.5">
      <label htmlFor={id} className="whitespace-nowrap text-muted text-sm">
        {t("concurrency")}
      </label>
      <Input
        id={id}
        type="number"
        min={1}
        max={1_000}
        value={text ?? String(backfill.concurrency)}
        aria-invalid={!valid}
        onChange={(event) => setText(event.target.value)}
        className="w-18"
      />
      {text === null || value === backfill.concurrency ? null : (
        <Button type="submit" aria-disabled={!valid || change.isPending}>
          {t("setConcurrency")}
        </Button>
      )}
    </form>
  );
}

function CancelDialog({
  backfill,
  onClose,
  onChanged,
}: {
  backfill: BackfillDetail;
  onClose: () => void;
  onChanged: (backfill: BackfillDetail) => void;
}) {
  const t = useTranslations("backfills");
  const trpc = useTRPC();
  const id = useId();
  const [reason, setReason] = useState("");
  const cancel = useMutation(
    trpc.backfills.cancel.mutationOptions({
      onSuccess: (next) => {
        toast.success(t("done.cancel"));
        onChanged(next);
        onClose();
      },
      onError: (error) => toast.error(apiErrorOf(error)?.message ?? t("noAnswer")),
    }),
  );
  const send = (running: "leave" | "cancel") => {
    if (cancel.isPending) return;
    const why = reason.trim();
    cancel.mutate({ id: backfill.id, running, ...(why === "" ? {} : { reason: why }) });
  };
  const count = backfill.counts.running;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t("cancelTitle", { id: backfill.id })}
      description={t("cancelHint", { count })}
      footer={
        <>
          <Button onClick={onClose}>{t("keep")}</Button>
          {count > 0 ? (
            <Button
              variant="danger"
              title={t("cancelRunningHint")}
              aria-disabled={cancel.isPending}
              onClick={() => send("cancel")}
            >
              {t("cancelRunning")}
            </Button>
          ) : null}
          <Button
            variant={count > 0 ? "secondary" : "danger"}
            title={t("leaveHint")}
            aria-disabled={cancel.isPending}
            onClick={() => send("leave")}
          >
            {count > 0 ? t("leave") : t("cancel")}
          </Button>
        </>
      }
    >
      <Field id={`${id}-reason`} label={t("cancelReason")}>
        <Input
          id={`${id}-reason`}
          value={reason}
          maxLength={2_000}
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
    </Dialog>
  );
}

/** Asks for the reason that a retry needs when it repeats effects. */
function RetryDialog({
  pending,
  onClose,
  onReason,
}: {
  pending: boolean;
  onClose: () => void;
  onReason: (reason: string) => void;
}) {
  const t = useTranslations("backfills");
  const id = useId();
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim() !== "" && !pending) onReason(reason.trim());
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t("retryFailed")}
      footer={
        <Button
          type="submit"
          form={id}
          variant="primary"
          aria-disabled={pending || reason.trim() === ""}
        >
          {t("retryFailed")}
        </Button>
      }
    >
      <form id={id} onSubmit={submit}>
        <Field id={`${id}-reason`} label={t("guardReason")} help={t("guardMissing")} required>
          <Textarea
            id={`${id}-reason`}
            value={reason}
            rows={2}
            maxLength={2_000}
            aria-required
            aria-describedby={`${id}-reason-help`}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}
