"use client";
import { Minus, Pencil, Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { HIDDEN } from "#server/core/flow/params/write-only.ts";
import type { Json } from "#server/core/flow/spec.ts";
import type { SpecChange } from "#server/core/flow/view.ts";

const LONG = 400;

function write(value: Json): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}

/** `/tasks/extract/env/STATION` as people read it. Source: RFC 6901 for the escapes. */
function readPath(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(" › ");
}

function Value({ kind, value }: { kind: "before" | "after"; value: Json }) {
  const t = useTranslations("flow");
  const colour = kind === "before" ? "bg-failed-soft text-failed" : "bg-success-soft text-success";
  const Tag = kind === "before" ? "del" : "ins";
  return (
    <Tag
      className={`block whitespace-pre-wrap break-all px-2 py-0.5 font-mono text-xs no-underline ${colour}`}
    >
      <span className="sr-only">{t(kind)} </span>
      <span aria-hidden>{kind === "before" ? "− " : "+ "}</span>
      {write(value)}
    </Tag>
  );
}

/** Structural differences, one for each place: what was there, what is there now. */
export function ChangeList({ changes }: { changes: readonly SpecChange[] }) {
  const t = useTranslations("flow");
  return (
    <ul className="grid gap-3">
      {changes.map((change) => {
        const added = change.before === undefined;
        const removed = change.after === undefined;
        const Icon = added ? Plus : removed ? Minus : Pencil;
        return (
          <li key={change.path} className="grid gap-1">
            <p className="flex items-center gap-1.5 text-xs">
              <Icon
                role="img"
                aria-label={t(added ? "added" : removed ? "removed" : "changed")}
                className="size-3.5 shrink-0 text-faint"
              />
              <span className="min-w-0 break-all font-mono">
                {readPath(change.path) || t("whole")}
              </span>
            </p>
            {change.before === HIDDEN && change.after === HIDDEN ? (
              <p className="text-muted text-xs">{t("hiddenChange")}</p>
            ) : (
              <div className="overflow-hidden rounded-sm">
                {change.before === undefined ? null : <Value kind="before" value={change.before} />}
                {change.after === undefined ? null : <Value kind="after" value={change.after} />}
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
