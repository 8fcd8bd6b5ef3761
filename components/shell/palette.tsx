"use client";
import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { Bell, CornerDownLeft, ListChecks, Play, Search, Workflow } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { StatusIcon } from "#components/status/status.tsx";
import { Time } from "#components/time/time.tsx";
import { useTRPC } from "./api.tsx";
import { places } from "./navigation.tsx";

const RUNS_SHOWN = 8;

/** Pages that have no place in the navigation. */
const besides = [
  { href: "/inbox", key: "inbox.title", icon: Bell },
  { href: "/runs/bulk", key: "bulk.title", icon: ListChecks },
] as const;

const groupClass =
  "px-1.5 pb-1.5 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-faint [&_[cmdk-group-heading]]:text-xs";

function Item({
  value,
  keywords,
  icon,
  children,
  onSelect,
}: {
  value: string;
  keywords?: string[];
  icon: ReactNode;
  children: ReactNode;
  onSelect: () => void;
}) {
  return (
    <Command.Item
      value={value}
      {...(keywords === undefined ? {} : { keywords })}
      onSelect={onSelect}
      className="group flex h-8 cursor-default select-none items-center gap-2.5 rounded-md px-2 text-sm data-[selected=true]:bg-fill-strong [&_svg]:size-4 [&_svg]:shrink-0"
    >
      {icon}
      {children}
      <CornerDownLeft
        aria-hidden
        className="ml-auto hidden text-faint group-data-[selected=true]:block"
      />
    </Command.Item>
  );
}

function PaletteBody({ onDone }: { onDone: () => void }) {
  const t = useTranslations("common");
  const words = useTranslations();
  const trpc = useTRPC();
  const router = useRouter();
  const [query, setQuery] = useState("");
  const flows = useQuery(trpc.flows.list.queryOptions({}));
  const runs = useQuery(trpc.runs.list.queryOptions({ limit: RUNS_SHOWN }));
  const go = (href: string) => {
    onDone();
    router.push(href);
  };
  const runNumber = /^#?(\d{1,18})$/.exec(query.trim())?.[1];

  return (
    <Command label={t("palette.open")} loop>
      <div className="flex items-center gap-2.5 border-b px-3.5">
        <Search aria-hidden className="size-4 text-faint" />
        <Command.Input
          value={query}
          onValueChange={setQuery}
          placeholder={t("palette.placeholder")}
          className="h-11 min-w-0 flex-1 bg-transparent text-base outline-none"
        />
      </div>
      <Command.List className="max-h-[min(24rem,60vh)] scroll-py-2 overflow-y-auto overscroll-contain">
        <Command.Empty className="px-4 py-8 text-center text-muted text-sm">
          {t("palette.empty", { query })}
        </Command.Empty>
        {runNumber === undefined ? null : (
          <Command.Group forceMount className={groupClass}>
            <Item
              value={`open run ${query}`}
              icon={<Play aria-hidden className="text-muted" />}
              onSelect={() => go(`/runs/${runNumber}`)}
            >
              {t("palette.openRun", { id: runNumber })}
            </Item>
          </Command.Group>
        )}
        <Command.Group heading={t("palette.places")} className={groupClass}>
          {places.map(({ href, key, icon: Icon }) => (
            <Item
              key={href}
              value={`place ${key}`}
              keywords={[
                t(`nav.${key}`),
                ...(key === "settings" ? [words("notifications.title")] : []),
              ]}
              icon={<Icon aria-hidden className="text-muted" />}
              onSelect={() => go(href)}
            >
              {t(`nav.${key}`)}
            </Item>
          ))}
          {besides.map(({ href, key, icon: Icon }) => (
            <Item
              key={href}
              value={`place ${key}`}
              keywords={[words(key)]}
              icon={<Icon aria-hidden className="text-muted" />}
              onSelect={() => go(href)}
            >
              {words(key)}
            </Item>
          ))}
        </Command.Group>
        {flows.data === undefined || flows.data.items.length === 0 ? null : (
          <Command.Group heading={t("palette.flows")} className={groupClass}>
            {flows.data.items.map((flow) => (
              <Item
                key={flow.id}
                value={`flow ${flow.id}`}
                keywords={[flow.name ?? "", ...flow.tags]}
                icon={<Workflow aria-hidden className="text-muted" />}
                onSelect={() => go(`/flows/${encodeURIComponent(flow.id)}`)}
              >
                <span className="truncate">{flow.name ?? flow.id}</span>
                {flow.name === null ? null : (
                  <span className="truncate font-mono text-faint text-xs">{flow.id}</span>
                )}
              </Item>
            ))}
            {query === ""
              ? null
              : flows.data.items.map((flow) => (
                  <Item
                    key={flow.id}
                    value={`run flow ${flow.id}`}
                    keywords={[flow.name ?? "", t("palette.runFlow", { flow: "" })]}
                    icon={<Play aria-hidden className="text-muted" />}
                    onSelect={() => go(`/flows/${encodeURIComponent(flow.id)}/run`)}
                  >
                    {t("palette.runFlow", { flow: flow.name ?? flow.id })}
                  </Item>
                ))}
          </Command.Group>
        )}
        {runs.data === undefined || runs.data.items.length === 0 ? null : (
          <Command.Group heading={t("palette.runs")} className={groupClass}>
            {runs.data.items.map((run) => (
              <Item
                key={run.id}
                value={`recent run ${run.id} ${run.flow}`}
                keywords={[run.flowName ?? "", t(`state.${run.state}`)]}
                icon={<StatusIcon state={run.state} label={t(`state.${run.state}`)} />}
                onSelect={() => go(`/runs/${run.id}`)}
              >
                <span className="text-muted">#{run.id}</span>
                <span className="truncate">{run.flowName ?? run.flow}</span>
                <Time
                  at={run.createdAt}
                  flowZone={run.timezone}
                  precision="minute"
                  className="ml-auto text-faint text-xs group-data-[selected=true]:ml-0"
                />
              </Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
    </Command>
  );
}

/**
 * Search and jump. What is known without asking the server is there at once; flows and recent runs
 * join when they arrive. An Enter that ends an IME composition chooses nothing (cmdk sees to it).
 */
export function Palette({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations("common.palette");
  return (
    <Dialog.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-overlay" />
        <Dialog.Popup className="fixed top-[14vh] left-1/2 z-50 w-[calc(100vw-1.5rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border bg-raised text-text shadow-pop outline-none">
          <Dialog.Title className="sr-only">{t("open")}</Dialog.Title>
          <PaletteBody onDone={() => onOpenChange(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
