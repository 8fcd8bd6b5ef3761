"use client";
import { Autocomplete } from "@base-ui/react/autocomplete";
import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { type RefObject, useState } from "react";
import { cn } from "#components/ui/cn.ts";

export interface SearchableTask {
  id: string;
  name: string;
}

/** Finds a task by a part of its name or id. Enter takes the first match. */
export function TaskSearch({
  tasks,
  onPick,
  inputRef,
  className,
}: {
  tasks: readonly SearchableTask[];
  onPick: (id: string) => void;
  inputRef?: RefObject<HTMLInputElement | null>;
  className?: string;
}) {
  const t = useTranslations("dag");
  const [query, setQuery] = useState("");
  return (
    <Autocomplete.Root
      items={tasks}
      value={query}
      onValueChange={(value, { reason }) => {
        // The chosen name is not kept: the next search starts empty.
        setQuery(reason === "item-press" ? "" : value);
      }}
      itemToStringValue={(task: SearchableTask) => task.name}
      filter={(task: SearchableTask, text: string) => {
        const wanted = text.trim().toLowerCase();
        return (
          wanted !== "" &&
          (task.id.toLowerCase().includes(wanted) || task.name.toLowerCase().includes(wanted))
        );
      }}
      limit={8}
      autoHighlight
    >
      <div className={cn("relative", className)}>
        <Search
          aria-hidden
          className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-faint"
        />
        <Autocomplete.Input
          {...(inputRef === undefined ? {} : { ref: inputRef })}
          aria-label={t("search")}
          placeholder={t("searchHint")}
          className="h-7 w-full rounded-md border border-line-strong bg-surface pr-2 pl-7 text-text text-xs outline-none hover:border-faint focus:border-accent focus-visible:ring-2 focus-visible:ring-accent/30"
        />
      </div>
      <Autocomplete.Portal>
        <Autocomplete.Positioner className="z-50 outline-none" sideOffset={4} align="start">
          <Autocomplete.Popup className="w-64 max-w-(--available-width) rounded-lg border bg-raised p-1 text-text shadow-pop data-empty:hidden">
            <Autocomplete.List>
              {(task: SearchableTask) => (
                <Autocomplete.Item
                  key={task.id}
                  value={task}
                  onClick={() => onPick(task.id)}
                  className="flex min-h-7 cursor-default select-none items-center gap-2 rounded-sm px-2 text-sm outline-none data-highlighted:bg-fill-strong"
                >
                  <span className="truncate">{task.name}</span>
                  {task.name === task.id ? null : (
                    <span className="ml-auto truncate font-mono text-2xs text-faint">
                      {task.id}
                    </span>
                  )}
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  );
}
