"use client";
import { useQuery } from "@tanstack/react-query";
import { Play, Workflow } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTRPC } from "#components/shell/api.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Snippet } from "#components/ui/snippet.tsx";

const TUTORIAL = "hello";

/** The first page of a new installation, and of a quiet one: what to do next. */
export function Welcome({ flowCount }: { flowCount: number }) {
  const t = useTranslations("home.welcome");
  const trpc = useTRPC();
  const flows = useQuery(trpc.flows.list.queryOptions({}, { enabled: flowCount > 0 }));
  const hasTutorial = flows.data?.items.some((flow) => flow.id === TUTORIAL) ?? false;
  if (flowCount === 0) {
    return (
      <Panel>
        <EmptyState icon={<Workflow />} title={t("noFlows")}>
          <p>{t("noFlowsHint")}</p>
          <Snippet>{"id: first\ntasks:\n  greet:\n    type: shell\n    run: echo hello\n"}</Snippet>
        </EmptyState>
      </Panel>
    );
  }
  return (
    <Panel>
      <EmptyState
        icon={<Play />}
        title={t("noRuns")}
        action={
          <>
            {hasTutorial ? (
              <ButtonLink href={`/flows/${TUTORIAL}/run`} variant="primary">
                <Play aria-hidden />
                {t("tutorial")}
              </ButtonLink>
            ) : null}
            <ButtonLink href="/flows">{t("flows")}</ButtonLink>
          </>
        }
      >
        {t("noRunsHint")}
      </EmptyState>
    </Panel>
  );
}
