"use client";
import { useMutation } from "@tanstack/react-query";
import { CirclePause, CirclePlay, RotateCcw, Square } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { toast } from "sonner";
import { useTRPC } from "#components/shell/api.tsx";
import { apiErrorOf } from "#components/shell/api-error.ts";
import { useErrorToast } from "#components/shell/error-text.ts";
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
  const told = useTold(onChanged);
  const pause = useMutation(trpc.backfills.pause.mutationOptions(told(t("done.pause"))));
  const resume = useMutation(trpc.backfills.resume.mutationOptions(told(t("done.resume"))));
  const { onSuccess, onError } = told(t("done.retry"));
  const retry = useMutation(
    trpc.backfills.retryFailed.mutationOptions({
      onSuccess,
      onError: (error) => {
        if (apiErrorOf(error)?.code === "GUARD_REASON_REQUIRED") setRetrying(true);
        else onError(error);
      },
    }),
  );
  return (
    <>
      {controls.setConcurrency ? <Concurrency backfill={backfill} onChanged={onChanged} /> : null}
      {controls.retryFailed ? (
        <Ask
          icon={<RotateCcw aria-hidden />}
          text={t("retryFailed")}
          isFirst
          ask={retry}
          input={{ id }}
        />
      ) : null}
      {controls.pause ? (
        <Ask icon={<CirclePause aria-hidden />} text={t("pause")} ask={pause} input={{ id }} />
      ) : null}
      {controls.resume ? (
        <Ask icon={<CirclePlay aria-hidden />} text={t("resume")} ask={resume} input={{ id }} />
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

/** What follows an answer: the change is told and shown, a refusal is told. */
function useTold(onChanged: (backfill: BackfillDetail) => void) {
  const onError = useErrorToast();
  return (text: string) => ({
    onSuccess: (next: BackfillDetail) => {
      toast.success(text);
      onChanged(next);
    },
    onError,
  });
}

/** A button that asks once, and keeps the focus while it waits for the answer. */
function Ask({
  icon,
  text,
  isFirst = false,
  ask,
  input,
}: {
  icon: ReactNode;
  text: string;
  /** What somebody most likely came for. */
  isFirst?: boolean;
  ask: { isPending: boolean; mutate: (input: { id: string }) => void };
  input: { id: string };
}) {
  return (
    <Button
      variant={isFirst ? "primary" : "secondary"}
      aria-disabled={ask.isPending}
      onClick={() => {
        if (!ask.isPending) ask.mutate(input);
      }}
    >
      {icon}
      {text}
    </Button>
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
  const told = useTold((next) => {
    setText(null);
    onChanged(next);
  });
  const value = Number(text ?? backfill.concurrency);
  const change = useMutation(
    trpc.backfills.setConcurrency.mutationOptions(told(t("done.concurrency", { count: value }))),
  );
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
  const told = useTold((next) => {
    onChanged(next);
    onClose();
  });
  const cancel = useMutation(trpc.backfills.cancel.mutationOptions(told(t("done.cancel"))));
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
