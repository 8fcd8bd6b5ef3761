"use client";
import { ChevronDown, ChevronUp, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import type { KeyboardEvent, RefObject } from "react";
import { Button } from "#components/ui/button.tsx";
import type { LogSearch } from "./use-log-search.ts";

/** Search with next (Enter) and previous (Shift-Enter); Escape leaves. */
export function LogSearchBar({
  search,
  inputRef,
  onStep,
  onLeave,
}: {
  search: LogSearch;
  inputRef: RefObject<HTMLInputElement | null>;
  onStep: (by: 1 | -1) => void;
  onLeave: () => void;
}) {
  const t = useTranslations("logs");
  const onKeyDown = (event: KeyboardEvent) => {
    // An Enter that ends an input method's composition chooses a word, not a match.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter") {
      event.preventDefault();
      onStep(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      search.setText("");
      onLeave();
    }
  };
  const place = search.current === null ? 0 : search.lines.indexOf(search.current) + 1;
  const none = search.lines.length === 0;
  return (
    <search className="flex min-w-0 items-center">
      <div className="relative min-w-0">
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-faint"
        />
        <input
          ref={inputRef}
          type="text"
          inputMode="search"
          value={search.text}
          onChange={(event) => search.setText(event.target.value)}
          onKeyDown={onKeyDown}
          aria-label={t("search")}
          placeholder={t("search")}
          autoComplete="off"
          spellCheck={false}
          className="h-7 w-full max-w-44 rounded-md border border-line-strong bg-surface pr-2 pl-7 text-text text-xs outline-none hover:border-faint focus:border-accent focus-visible:ring-2 focus-visible:ring-accent/30"
        />
      </div>
      {search.text === "" ? null : (
        <>
          <span role="status" className="whitespace-nowrap px-2 text-muted text-xs">
            {none
              ? search.searching
                ? t("searching")
                : t("noMatch")
              : t(search.more ? "matchesMore" : "matches", {
                  at: place,
                  count: search.lines.length,
                })}
          </span>
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("previous")}
            disabled={none}
            onClick={() => onStep(-1)}
          >
            <ChevronUp aria-hidden />
          </Button>
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("next")}
            disabled={none}
            onClick={() => onStep(1)}
          >
            <ChevronDown aria-hidden />
          </Button>
        </>
      )}
    </search>
  );
}
