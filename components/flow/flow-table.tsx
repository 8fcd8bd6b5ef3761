"use client";
import { Play, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Fragment } from "react";
import { rowAttribute } from "#components/shell/row-keys.ts";
import { StatusText } from "#components/status/status.tsx";
import { Time } from "#components/time/time.tsx";
import { Badge } from "#components/ui/badge.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Table, Td, Th, Tr } from "#components/ui/table.tsx";
import type { FlowSummary } from "#server/core/flow/view.ts";
import { ProblemList } from "./problem-list.tsx";
import { RunBars } from "./run-bars.tsx";

function Name({ flow, onTag }: { flow: FlowSummary; onTag: (tag: string) => void }) {
  const t = useTranslations("flows");
  return (
    <div className="grid min-w-0 gap-0.5">
      <div className="flex min-w-0 items-center gap-2">
        <Link
          href={`/flows/${encodeURIComponent(flow.id)}`}
          {...{ [rowAttribute]: flow.id }}
          className="truncate font-medium hover:underline"
        >
          {flow.name ?? flow.id}
        </Link>
        {flow.tags.map((tag) => (
          <button
            key={tag}
            type="button"
            onClick={() => onTag(tag)}
            aria-label={t("showTag", { tag })}
            className="hidden sm:inline-flex"
          >
            <Badge className="hover:text-text">{tag}</Badge>
          </button>
        ))}
      </div>
      <div className="flex min-w-0 items-center gap-2 text-faint text-xs">
        {flow.name === null ? null : (
          <span className="max-w-full shrink-0 truncate font-mono">{flow.id}</span>
        )}
        {flow.description === null ? null : (
          <span className="hidden truncate lg:inline">{flow.description}</span>
        )}
      </div>
    </div>
  );
}

function Row({ flow, onTag }: { flow: FlowSummary; onTag: (tag: string) => void }) {
  const t = useTranslations("flows");
  const last = flow.lastRuns.at(-1);
  const name = flow.name ?? flow.id;
  return (
    <Tr>
      <Td className="max-w-0 sm:max-w-md">
        <Name flow={flow} onTag={onTag} />
      </Td>
      <Td className="hidden w-40 sm:table-cell">
        <RunBars runs={flow.lastRuns} />
      </Td>
      <Td className="w-px">
        {last === undefined ? (
          <span className="whitespace-nowrap text-faint text-sm">{t("neverRan")}</span>
        ) : (
          <Link
            href={`/runs/${last.id}`}
            prefetch={false}
            className="grid justify-items-start gap-0.5 hover:underline"
          >
            <StatusText state={last.state} />
            <Time at={last.createdAt} precision="minute" className="text-faint text-xs" />
          </Link>
        )}
      </Td>
      <Td className="hidden w-px whitespace-nowrap text-muted lg:table-cell">
        {flow.nextTick === null ? (
          <span className="text-faint">–</span>
        ) : (
          <Time at={flow.nextTick} precision="minute" className="text-xs" />
        )}
      </Td>
      <Td className="hidden w-px whitespace-nowrap text-right text-muted md:table-cell">
        {flow.taskCount}
      </Td>
      <Td className="hidden w-px whitespace-nowrap text-muted md:table-cell">r{flow.revision}</Td>
      <Td className="hidden w-px whitespace-nowrap text-muted lg:table-cell">
        {flow.owner ?? <span className="text-faint">–</span>}
      </Td>
      <Td className="w-px">
        {flow.archivedAt === null ? (
          <ButtonLink
            href={`/flows/${encodeURIComponent(flow.id)}/run`}
            size="sm"
            aria-label={t("runFlow", { flow: name })}
          >
            <Play aria-hidden />
            <span className="hidden sm:inline">{t("run")}</span>
          </ButtonLink>
        ) : (
          <Badge outline>{t("archivedBadge")}</Badge>
        )}
      </Td>
    </Tr>
  );
}

/** One row for each flow; a flow whose file is broken keeps its row and shows its problems below. */
export function FlowTable({
  flows,
  onTag,
}: {
  flows: readonly FlowSummary[];
  onTag: (tag: string) => void;
}) {
  const t = useTranslations("flows");
  return (
    <Table aria-label={t("title")}>
      <thead>
        <tr>
          <Th>{t("name")}</Th>
          <Th className="hidden sm:table-cell">{t("runs")}</Th>
          <Th>{t("lastRun")}</Th>
          <Th className="hidden lg:table-cell">{t("nextTick")}</Th>
          <Th className="hidden text-right md:table-cell">{t("tasks")}</Th>
          <Th className="hidden md:table-cell">{t("revision")}</Th>
          <Th className="hidden lg:table-cell">{t("owner")}</Th>
          <Th>
            <span className="sr-only">{t("actions")}</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {flows.map((flow) => (
          <Fragment key={flow.id}>
            <Row flow={flow} onTag={onTag} />
            {flow.problems.length === 0 ? null : (
              <tr>
                <td colSpan={8} className="px-3 pb-3">
                  <div className="grid gap-2 rounded-md bg-failed-soft px-3 py-2.5">
                    <p className="flex items-center gap-2 font-medium text-failed text-sm">
                      <TriangleAlert aria-hidden className="size-4" />
                      {t("keepsRevision", { revision: flow.revision })}
                    </p>
                    <ProblemList problems={flow.problems} />
                  </div>
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </Table>
  );
}
