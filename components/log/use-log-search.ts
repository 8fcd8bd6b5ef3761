"use client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTRPC } from "#components/shell/api.tsx";
import { useRefetchOn } from "#components/shell/use-refetch-on.ts";
import type { LogPlace } from "./copy-log.ts";
import { stepMatch } from "./match.ts";

/** Wait after the last key before the server is asked, in milliseconds. */
const PAUSE_MS = 60;
/** How often the matches in a log that still grows are looked up anew. */
const GROWING_MS = 5_000;

export interface LogSearch {
  /** What is being typed. */
  text: string;
  setText: (text: string) => void;
  /** What the matches are of. */
  asked: string;
  /** Numbers of the lines with a match, ascending. */
  lines: readonly number[];
  /** True when there are more matches than `lines` holds. */
  more: boolean;
  searching: boolean;
  /** The line that next and previous have come to. */
  current: number | null;
  /** Goes on by one match, round the ends, and returns its line; null without matches. */
  step: (by: 1 | -1, fromLine: number) => number | null;
}

const none: readonly number[] = [];

/** Searches a whole log on the server, also the lines that were never loaded. */
export function useLogSearch(place: LogPlace, complete: boolean): LogSearch {
  const trpc = useTRPC();
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const [current, setCurrent] = useState<number | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), text === "" ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { run: id, task, item, attempt } = place;
  const query = useQuery(
    trpc.runs.searchLog.queryOptions(
      { id, task, attempt, text: asked, ...(item === undefined ? {} : { item }) },
      {
        enabled: asked !== "",
        staleTime: complete ? Infinity : GROWING_MS,
        refetchInterval: complete ? false : GROWING_MS,
      },
    ),
  );
  useRefetchOn(query.refetch, asked === "" ? null : String(complete));
  const lines = asked === "" ? none : (query.data?.lines ?? none);
  return {
    text,
    setText(next) {
      setText(next);
      setCurrent(null);
    },
    asked,
    lines,
    more: asked !== "" && query.data?.more === true,
    searching: text !== asked || query.isFetching,
    current,
    step(by, fromLine) {
      const found = stepMatch(lines, current, by, fromLine);
      setCurrent(found);
      return found;
    },
  };
}
