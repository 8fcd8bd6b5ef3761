"use client";
import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";

export interface TabOption<Value extends string> {
  value: Value;
  label: ReactNode;
}

/** Underlined tabs; the owner keeps `value` in the URL. Panels are children of type `TabPanel`. */
export function Tabs<Value extends string>({
  value,
  onChange,
  options,
  label,
  children,
  className,
  aside,
}: {
  value: Value;
  onChange: (value: Value) => void;
  options: readonly TabOption<Value>[];
  label: string;
  children: ReactNode;
  className?: string;
  /** Shown at the end of the row of tabs. */
  aside?: ReactNode;
}) {
  return (
    <Base.Root
      value={value}
      onValueChange={(next) => onChange(next as Value)}
      className={cn("flex min-h-0 flex-col", className)}
    >
      <div className="flex items-center gap-3 border-b">
        <Base.List
          aria-label={label}
          className="-mb-px flex min-w-0 flex-1 items-center gap-4 overflow-x-auto"
        >
          {options.map((option) => (
            <Base.Tab
              key={option.value}
              value={option.value}
              className={cn(
                "inline-flex h-9 select-none items-center gap-1.5 whitespace-nowrap border-transparent border-b-2 font-medium text-muted text-sm -outline-offset-2",
                "hover:text-text data-active:border-text data-active:text-text [&_svg]:size-4",
              )}
            >
              {option.label}
            </Base.Tab>
          ))}
        </Base.List>
        {aside}
      </div>
      {children}
    </Base.Root>
  );
}

export function TabPanel({
  value,
  children,
  className,
}: {
  value: string;
  children: ReactNode;
  className?: string;
}) {
  return (
    <Base.Panel value={value} className={cn("min-h-0 flex-1 outline-none", className)}>
      {children}
    </Base.Panel>
  );
}
