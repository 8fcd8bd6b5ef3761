"use client";
import { useQuery } from "@tanstack/react-query";
import { BellRing, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useTRPC } from "#components/shell/api.tsx";
import type { NotifySpec } from "#server/core/flow/spec.ts";

/** Who is told about a flow: the channels that it names, or the default ones. */
export function ToldChannels({ notify }: { notify: readonly NotifySpec[] }) {
  const t = useTranslations("notifications");
  const trpc = useTRPC();
  const { data: channels } = useQuery(trpc.notify.channels.queryOptions());
  // Until it is known which channels exist, none can be called unknown.
  if (channels === undefined) return null;
  const known = new Set(channels.map(({ name }) => name));
  const named = [...new Set(notify.map(({ to }) => to))];
  const told =
    notify.length > 0
      ? named
      : channels.filter(({ byDefault }) => byDefault).map(({ name }) => name);
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1.5">
      <BellRing aria-hidden className="size-3.5" />
      {told.length === 0 ? t("toldNobody") : t("told")}
      {told.map((name) =>
        known.has(name) ? (
          <Link
            key={name}
            href={`/settings/notifications?channel=${encodeURIComponent(name)}`}
            className="text-text hover:underline"
          >
            {name}
          </Link>
        ) : (
          <span key={name} className="inline-flex items-center gap-1 text-orange">
            <TriangleAlert aria-hidden className="size-3.5" />
            {t("unknownChannel", { name })}
          </span>
        ),
      )}
      {told.length > 0 && notify.length === 0 ? t("byDefault") : null}
    </span>
  );
}
