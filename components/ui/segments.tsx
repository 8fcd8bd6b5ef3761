"use client";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { cn } from "./cn.ts";

/** One of two or three ways to look at the same thing, side by side. */
export function Segments<Value extends string>({
  label,
  isLabelShown = false,
  value,
  options,
  onChange,
}: {
  /** Accessible name of the group. */
  label: string;
  isLabelShown?: boolean;
  value: Value;
  options: readonly { value: Value; label: ReactNode; disabled?: boolean }[];
  onChange: (value: Value) => void;
}) {
  return (
    <fieldset className={cn("flex items-center", isLabelShown && "gap-2 text-sm")}>
      <legend className="sr-only">{label}</legend>
      {isLabelShown ? (
        <span aria-hidden className="text-faint">
          {label}
        </span>
      ) : null}
      <span className="flex rounded-md bg-fill-strong p-0.5">
        {options.map((option) => (
          <Button
            key={option.value}
            size="sm"
            variant="ghost"
            aria-pressed={value === option.value}
            disabled={option.disabled ?? false}
            onClick={() => onChange(option.value)}
            className="h-6 aria-pressed:bg-surface aria-pressed:text-text"
          >
            {option.label}
          </Button>
        ))}
      </span>
    </fieldset>
  );
}
