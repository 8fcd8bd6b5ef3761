"use client";
import { useMutation } from "@tanstack/react-query";
import { CircleAlert, Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { apiErrorOf } from "#components/shell/api-error.ts";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { FlowZone } from "#components/time/zone.tsx";
import { Button, ButtonLink } from "#components/ui/button.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { RunDraft } from "#server/core/run/view.ts";
import { ChangesPanel } from "./changes-panel.tsx";
import { IntervalFields } from "./interval-fields.tsx";
import { ParamSection } from "./param-section.tsx";
import { useRunForm } from "./use-run-form.ts";

/** The form of a new run, empty or filled from an earlier one ("Run with changes"). */
export function RunFormPage({ draft }: { draft: RunDraft }) {
  const t = useTranslations("runForm");
  const trpc = useTRPC();
  const router = useRouter();
  const form = useRunForm(draft);
  const element = useRef<HTMLFormElement>(null);
  const create = useMutation(trpc.runs.create.mutationOptions());
  const [general, setGeneral] = useState<string | null>(null);

  const submit = () => {
    if (create.isPending || create.isSuccess) return;
    const request = form.attempt();
    setGeneral(null);
    if (request === null) {
      // The fields draw their errors first.
      requestAnimationFrame(() =>
        element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(),
      );
      return;
    }
    create.mutate(
      { ...request, idempotencyKey: form.keyOf(request) },
      {
        onSuccess: (run) => router.push(`/runs/${run.id}`),
        onError: (thrown) => {
          const error = apiErrorOf(thrown);
          setGeneral(error === null ? t("noAnswer") : form.refuse(error));
        },
      },
    );
  };
  useShortcut({ keys: "mod+enter", label: t("submit"), inFields: true, run: submit });

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit();
  };
  /** In Safari the Enter that ends a composition arrives after it, known by its code alone. */
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    if (event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229) event.preventDefault();
  };
  const title = draft.flowName ?? draft.flow;
  const busy = create.isPending || create.isSuccess;

  return (
    <FlowZone zone={form.interval.zone}>
      <Page>
        <PageHeader
          title={
            draft.from === null ? t("title", { flow: title }) : t("titleChanges", { flow: title })
          }
          description={
            draft.revision === draft.latestRevision
              ? t("revision", { number: draft.revision })
              : t("olderRevision", { number: draft.revision, latest: draft.latestRevision })
          }
        />
        <div
          className={
            draft.from === null
              ? "grid gap-4"
              : "grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]"
          }
        >
          <form
            ref={element}
            noValidate
            onSubmit={onSubmit}
            onKeyDown={onKeyDown}
            className="grid min-w-0 max-w-3xl gap-4"
          >
            <ParamSection form={form} draft={draft} />
            <Panel title={t("interval")}>
              <div className="p-3">
                <IntervalFields
                  draft={form.interval}
                  required={draft.needsInterval}
                  fault={form.intervalFault}
                  zoneFault={form.zoneFault}
                  onChange={form.setInterval}
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
              <Button type="submit" variant="primary" disabled={busy}>
                <Play aria-hidden />
                {draft.from === null ? t("submit") : t("submitChanges")}
                <Kbd keys="mod+enter" hint inverse className="hidden sm:inline-flex" />
              </Button>
              <ButtonLink
                variant="ghost"
                href={
                  draft.from === null
                    ? `/flows/${encodeURIComponent(draft.flow)}`
                    : `/runs/${draft.from}`
                }
              >
                {t("cancel")}
              </ButtonLink>
            </div>
          </form>
          {draft.from === null ? null : <ChangesPanel from={draft.from} request={form.request} />}
        </div>
      </Page>
    </FlowZone>
  );
}
