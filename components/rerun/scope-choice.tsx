"use client";
import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { useTranslations } from "next-intl";
import { useId } from "react";

/** Which tasks run again: all, what did not succeed, or from one task on. */
export function ScopeChoice({
  scope,
  task,
  name,
  onScope,
}: {
  scope: string;
  task: string | null;
  /** What people call it. */
  name: string | null;
  onScope: (scope: string) => void;
}) {
  const t = useTranslations("rerun");
  const id = useId();
  const options = [
    { value: "failed", title: t("scope.failed"), hint: t("scope.failedHint") },
    ...(task === null
      ? []
      : [
          {
            value: `from:${task}`,
            title: t("scope.from", { task: name ?? task }),
            hint: t("scope.fromHint"),
          },
        ]),
    { value: "all", title: t("scope.all"), hint: t("scope.allHint") },
  ];
  return (
    <RadioGroup
      aria-label={t("scope.label")}
      value={scope}
      onValueChange={(value) => onScope(String(value))}
      className="grid gap-1.5"
    >
      {options.map(({ value, title, hint }, i) => (
        <label
          key={value}
          htmlFor={`${id}-${i}`}
          className="flex items-start gap-2.5 rounded-md border px-3 py-2 has-[[data-checked]]:border-accent has-[[data-checked]]:bg-accent-soft"
        >
          <Radio.Root
            id={`${id}-${i}`}
            value={value}
            className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface data-checked:border-accent"
          >
            <Radio.Indicator className="size-2 rounded-full bg-accent data-unchecked:hidden" />
          </Radio.Root>
          <span className="min-w-0">
            <span className="block break-words font-medium text-sm">{title}</span>
            <span className="block text-muted text-xs">{hint}</span>
          </span>
        </label>
      ))}
    </RadioGroup>
  );
}
