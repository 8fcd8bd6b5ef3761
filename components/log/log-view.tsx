"use client";
import "./log.css";
import { Copy, Download, Timer, WrapText } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsBoolean, useQueryState } from "nuqs";
import { type ReactNode, useCallback, useEffect, useEffectEvent, useRef } from "react";
import { toast } from "sonner";
import { useThrownText } from "#components/shell/error-text.ts";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { useZone } from "#components/time/zone.tsx";
import { Button, buttonClass } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import { Skeleton } from "#components/ui/skeleton.tsx";
import { useMedia } from "#components/ui/use-media.ts";
import { copyLater, fetchLog, logHref } from "./copy-log.ts";
import { clickLine } from "./line-range.ts";
import { LogLines, type LogLinesHandle } from "./log-lines.tsx";
import { LogSearchBar } from "./log-search-bar.tsx";
import { lineHashNow, setLineHash, useLineHash } from "./use-line-hash.ts";
import { useLogSearch } from "./use-log-search.ts";
import { useLogStore } from "./use-log-store.ts";

const option = parseAsBoolean.withDefault(false);
/** Lines wrap by themselves where a screen shows less than half of a usual line. */
const NARROW = "(width < 40rem)";

/**
 * The log of one attempt: opens at the line in the address, else at the first error line, else
 * follows a live log at its end. Give it a `key` of run, task and attempt.
 * @param run the run whose page it is; the log of a reused task is found from there
 */
export function LogView({
  run,
  task,
  item,
  attempt,
  live,
  picker,
  className,
}: {
  run: string;
  task: string;
  /** For a task run of a list: its place there, from 0. */
  item?: number | undefined;
  attempt: number;
  /** True while the attempt runs. */
  live: boolean;
  /** Chooses among attempts, at the beginning of the toolbar. */
  picker?: ReactNode;
  className?: string;
}) {
  const t = useTranslations("logs");
  const errorText = useThrownText();
  const zone = useZone();
  const [wrapChosen, setWrap] = useQueryState("wrap", parseAsBoolean);
  const narrow = useMedia(NARROW);
  const wrap = wrapChosen ?? narrow;
  const [times, setTimes] = useQueryState("times", option);
  const { store, status } = useLogStore({ run, task, item, attempt });
  const search = useLogSearch({ run, task, item, attempt }, status.complete);
  const range = useLineHash();
  const lines = useRef<LogLinesHandle>(null);
  const input = useRef<HTMLInputElement>(null);
  const href = logHref({ run, task, item, attempt });

  const pick = useCallback(
    (line: number, extend: boolean) => setLineHash(clickLine(lineHashNow(), line, extend)),
    [],
  );
  // A link to lines that is followed within the page scrolls there; a click on a number does not.
  const showRange = useEffectEvent(() => {
    if (range !== null) lines.current?.show(range.first);
  });
  useEffect(() => {
    const follow = () => showRange();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);

  const step = (by: 1 | -1) => {
    const line = search.step(by, lines.current?.firstInView() ?? 1);
    if (line !== null) lines.current?.show(line);
  };
  // The first matches of a new search are shown without a further key.
  const showFirst = useEffectEvent(() => {
    if (search.current === null && search.lines.length > 0) step(1);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each new text
  useEffect(() => showFirst(), [search.asked, search.lines.length > 0]);

  useShortcut({ keys: "/", label: t("searchKey"), run: () => input.current?.focus() });

  const copy = async () => {
    try {
      await copyLater(async () => {
        if (range === null) return fetchLog(href);
        const wanted = await store.lines(range.first, range.last);
        return wanted.map((line) => `${line.text}\n`).join("");
      });
      toast.success(range === null ? t("copiedAll") : t("copiedLines"));
    } catch {
      toast.error(t("copyFailed"));
    }
  };

  const empty = status.loaded && status.total === 0;
  const opening = range?.first ?? status.firstErrorLine ?? (live ? "end" : "start");
  const tool = "px-2 aria-pressed:bg-fill-strong aria-pressed:text-text";
  return (
    <div className={cn("log flex min-h-0 min-w-0 flex-col", className)}>
      <div className="flex flex-wrap items-center gap-1 border-b px-2 py-1.5">
        {picker}
        <LogSearchBar
          search={search}
          inputRef={input}
          onStep={step}
          onLeave={() => lines.current?.focus()}
        />
        <div className="ml-auto flex items-center">
          <Button
            variant="ghost"
            size="sm"
            aria-pressed={wrap}
            aria-label={t("wrap")}
            title={t("wrap")}
            className={tool}
            onClick={() => void setWrap(!wrap)}
          >
            <WrapText aria-hidden />
          </Button>
          <Button
            variant="ghost"
            size="sm"
            aria-pressed={times}
            aria-label={t("times")}
            title={t("times")}
            className={tool}
            onClick={() => void setTimes(!times)}
          >
            <Timer aria-hidden />
          </Button>
          <Button
            variant="ghost"
            size="sm"
            aria-label={range === null ? t("copyAll") : t("copyLines")}
            title={range === null ? t("copyAll") : t("copyLines")}
            className="px-2"
            disabled={status.total === 0}
            onClick={() => void copy()}
          >
            <Copy aria-hidden />
          </Button>
          <a
            href={href}
            download
            aria-label={t("download")}
            title={t("download")}
            className={buttonClass("ghost", "sm", "px-2")}
          >
            <Download aria-hidden />
          </a>
        </div>
      </div>
      {status.error === null ? null : (
        <p role="alert" className="border-b bg-orange-soft px-3 py-1.5 text-orange text-xs">
          {t("stale")} {errorText(status.error).message}
        </p>
      )}
      {!status.loaded ? (
        <div className="grid gap-2 p-4">
          <Skeleton className="w-2/3" />
          <Skeleton className="w-1/2" />
          <Skeleton className="w-3/5" />
        </div>
      ) : empty ? (
        <p className="flex-1 px-4 py-8 text-center text-muted text-sm">
          {status.complete ? t("nothing") : t("waiting")}
        </p>
      ) : (
        <LogLines
          ref={lines}
          store={store}
          status={status}
          opening={opening}
          range={range}
          query={search.asked}
          found={search.current}
          wrap={wrap}
          zone={times ? zone : null}
          onPick={pick}
        />
      )}
    </div>
  );
}
