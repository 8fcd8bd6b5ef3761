"use client";
import { useMutation } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { apiErrorOf } from "#components/shell/api-error.ts";
import { Page, PageHeader } from "#components/shell/page.tsx";
import { FlowZone } from "#components/time/zone.tsx";
import { Panel } from "#components/ui/panel.tsx";
import type { RunDraft } from "#server/core/run/view.ts";
import { ChangesPanel } from "./changes-panel.tsx";
import { IntervalFields } from "./interval-fields.tsx";
import { ParamSection } from "./param-section.tsx";
import { RequestForm } from "./request-form.tsx";
import { useRunForm } from "./use-run-form.ts";

/** The form of a new run, empty or filled from an earlier one ("Run with changes"). */
export function RunFormPage({ draft }: { draft: RunDraft }) {
  const t = useTranslations("runForm");
  const trpc = useTRPC();
  const router = useRouter();
  const form = useRunForm(draft);
  const create = useMutation(trpc.runs.create.mutationOptions());
  const [general, setGeneral] = useState<string | null>(null);

  const onSend = (): boolean => {
    const request = form.attempt();
    setGeneral(null);
    if (request === null) return false;
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
    return true;
  };
  const title = draft.flowName ?? draft.flow;

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
          <RequestForm
            submit={{
              icon: <Play aria-hidden />,
              text: draft.from === null ? t("submit") : t("submitChanges"),
              shortcut: t("submit"),
              isBusy: create.isPending || create.isSuccess,
            }}
            refusal={general}
            cancelHref={
              draft.from === null
                ? `/flows/${encodeURIComponent(draft.flow)}`
                : `/runs/${draft.from}`
            }
            onSend={onSend}
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
          </RequestForm>
          {draft.from === null ? null : <ChangesPanel from={draft.from} request={form.request} />}
        </div>
      </Page>
    </FlowZone>
  );
}
