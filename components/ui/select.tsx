"use client";
import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { type ButtonSize, buttonClass } from "./button.tsx";
import { cn } from "./cn.ts";
import { useLayer } from "./layer.tsx";

export interface SelectOption<Value extends string> {
  value: Value;
  label: ReactNode;
}

/** One of few values. `label` is its accessible name unless `id` is named by a `<label>`. */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  label,
  id,
  placeholder,
  size = "md",
  className,
  disabled = false,
  invalid = false,
  describedBy,
}: {
  value: Value | null;
  onChange: (value: Value) => void;
  options: readonly SelectOption<Value>[];
  label?: string;
  id?: string;
  placeholder?: string;
  size?: ButtonSize;
  className?: string;
  disabled?: boolean;
  invalid?: boolean;
  describedBy?: string | undefined;
}) {
  const layer = useLayer();
  return (
    <Base.Root
      value={value}
      items={options}
      disabled={disabled}
      onValueChange={(next) => {
        if (next !== null) onChange(next as Value);
      }}
    >
      <Base.Trigger
        {...(id === undefined ? {} : { id })}
        {...(label === undefined ? {} : { "aria-label": label })}
        {...(describedBy === undefined ? {} : { "aria-describedby": describedBy })}
        aria-invalid={invalid || undefined}
        className={buttonClass(
          "secondary",
          size,
          cn(
            "justify-between gap-2 font-normal data-placeholder:text-faint aria-invalid:border-failed-solid",
            className,
          ),
        )}
      >
        <Base.Value className="truncate" placeholder={placeholder} />
        <Base.Icon className="text-faint">
          <ChevronsUpDown aria-hidden className="size-3.5!" />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal {...layer}>
        <Base.Positioner
          className="z-50 outline-none"
          sideOffset={4}
          alignItemWithTrigger={false}
          align="start"
        >
          <Base.Popup className="min-w-(--anchor-width) rounded-lg border bg-raised p-1 text-text shadow-pop outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            <Base.List className="max-h-[min(20rem,var(--available-height))] overflow-y-auto">
              {options.map((option) => (
                <Base.Item
                  key={option.value}
                  value={option.value}
                  className="flex min-h-7 cursor-default select-none items-center gap-2 rounded-sm py-1 pr-3 pl-2 text-sm outline-none data-highlighted:bg-fill-strong"
                >
                  <span className="flex size-4 items-center justify-center text-muted">
                    <Base.ItemIndicator>
                      <Check aria-hidden className="size-4" />
                    </Base.ItemIndicator>
                  </span>
                  <Base.ItemText>{option.label}</Base.ItemText>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
