"use client";
import { useQuery } from "@tanstack/react-query";
import { ShieldCheck, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { CertificateView } from "#components/rerun/certificate.tsx";
import { useTRPC } from "#components/shell/api.tsx";
import { StaleNotice } from "#components/shell/stale-notice.tsx";
import { StatusText } from "#components/status/status.tsx";
import { Time } from "#components/time/time.tsx";
import { CopyButton } from "#components/ui/copy-button.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { Skeleton } from "#components/ui/skeleton.tsx";
import type { RunDetail } from "#server/core/run/view.ts";

/** All that determines the run, its hash, the proof of a rerun, and other runs that are the same. */
export function RunManifest({ run }: { run: RunDetail }) {
  const t = useTranslations("run.manifest");
  const trpc = useTRPC();
  const query = useQuery(trpc.runs.manifest.queryOptions({ id: run.id }));
  const manifest = query.data;
  if (manifest === undefined) {
    return (
      <div className="grid gap-2">
        <StaleNotice query={query} />
        <Skeleton className="h-40" />
      </div>
    );
  }
  const intact = manifest.recomputed === manifest.identity;
  const twins = manifest.runsWithSameIdentity.filter(({ id }) => id !== run.id);
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
      tabIndex={0}
      aria-label={t("title")}
      className="grid min-h-0 flex-1 content-start items-start gap-4 overflow-y-auto lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]"
    >
      <Panel title={t("canonical")} aside={<CopyButton text={manifest.text} label={t("copy")} />}>
        {manifest.hidden ? (
          <p className="border-b px-3 py-2 text-muted text-xs">{t("hidden")}</p>
        ) : null}
        <pre className="max-h-[32rem] overflow-auto whitespace-pre-wrap break-all p-3 text-xs leading-5">
          {pretty(manifest.text)}
        </pre>
      </Panel>
      <div className="grid gap-4">
        <Panel
          title={t("identity")}
          aside={<CopyButton text={manifest.identity} label={t("copyIdentity")} />}
        >
          <div className="grid gap-2 p-3">
            <p className="break-all font-mono text-xs leading-5">{manifest.identity}</p>
            <p
              className={`flex items-start gap-2 text-sm ${intact ? "text-success" : "text-failed"}`}
            >
              {intact ? (
                <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0" />
              ) : (
                <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              )}
              {intact ? t("intact") : t("damaged", { hash: manifest.recomputed })}
            </p>
          </div>
        </Panel>
        {run.certificate === null || run.parent === null ? null : (
          <Panel title={t("certificate")}>
            <div className="p-3">
              <CertificateView certificate={run.certificate} parent={run.parent} />
            </div>
          </Panel>
        )}
        <Panel title={t("twins")}>
          {twins.length === 0 ? (
            <p className="p-3 text-muted text-sm">{t("noTwins")}</p>
          ) : (
            <ul>
              {twins.map((twin) => (
                <li key={twin.id} className="border-t first:border-0">
                  <Link
                    href={`/runs/${twin.id}`}
                    className="flex h-9 items-center gap-3 px-3 text-sm -outline-offset-2 hover:bg-fill"
                  >
                    <span className="min-w-14">#{twin.id}</span>
                    <StatusText state={twin.state} />
                    <Time
                      at={twin.createdAt}
                      precision="minute"
                      className="ml-auto text-muted text-xs"
                    />
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      </div>
    </section>
  );
}

/** Indented for reading; what is copied is the canonical text itself. */
function pretty(canonical: string): string {
  return JSON.stringify(JSON.parse(canonical), null, 2);
}
