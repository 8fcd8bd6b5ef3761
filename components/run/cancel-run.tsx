"use client";
import { useMutation } from "@tanstack/react-query";
import { Square } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { useErrorToast } from "#components/shell/error-text.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import type { RunDetail } from "#server/core/run/view.ts";

/** Stops a live run, after asking once. */
export function CancelRun({ run }: { run: RunDetail }) {
  const t = useTranslations("run");
  const trpc = useTRPC();
  const showError = useErrorToast();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const cancel = useMutation(
    trpc.runs.cancel.mutationOptions({
      onSuccess: () => setOpen(false),
      onError: showError,
    }),
  );
  const asked = run.cancelRequestedAt !== null || cancel.isSuccess;
  const text = reason.trim();
  return (
    <>
      <Button disabled={asked} onClick={() => setOpen(true)}>
        <Square aria-hidden />
        {asked ? t("cancelling") : t("cancelRun")}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={t("cancelTitle", { id: run.id })}
        description={t("cancelHint")}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>{t("keepRunning")}</Button>
            <Button type="submit" form="cancel-run" variant="danger" disabled={cancel.isPending}>
              {t("cancelRun")}
            </Button>
          </>
        }
      >
        <form
          id="cancel-run"
          onSubmit={(event) => {
            event.preventDefault();
            cancel.mutate({ id: run.id, ...(text === "" ? {} : { reason: text }) });
          }}
        >
          <Field id="cancel-reason" label={t("cancelReason")}>
            <Input
              id="cancel-reason"
              value={reason}
              maxLength={2_000}
              onChange={(event) => setReason(event.target.value)}
            />
          </Field>
        </form>
      </Dialog>
    </>
  );
}
