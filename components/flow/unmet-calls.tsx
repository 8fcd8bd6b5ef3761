"use client";
import { TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { UnmetCall } from "#server/core/flow/call-warnings.ts";

/** Warns of tasks that run flows which are not there: until they are, every run is refused. */
export function UnmetCalls({ calls }: { calls: readonly UnmetCall[] }) {
  const t = useTranslations("flow.unmet");
  return (
    <section className="grid gap-1.5 rounded-md bg-orange-soft px-3 py-2.5">
      <h2 className="flex items-center gap-2 font-medium text-orange text-sm">
        <TriangleAlert aria-hidden className="size-4" />
        {t("title")}
      </h2>
      <ul className="grid gap-0.5 pl-6 text-sm">
        {calls.map(({ task, flow, archived }) => (
          <li key={task}>
            {t.rich(archived ? "archived" : "missing", {
              task: () => <code className="text-xs">{task}</code>,
              flow: () =>
                archived ? (
                  <Link href={`/flows/${encodeURIComponent(flow)}`} className="underline">
                    <code className="text-xs">{flow}</code>
                  </Link>
                ) : (
                  <code className="text-xs">{flow}</code>
                ),
            })}
          </li>
        ))}
      </ul>
    </section>
  );
}
