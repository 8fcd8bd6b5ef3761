import type { ReactNode } from "react";
import { cn } from "./cn.ts";

/** Ids that tie a control to its help and its error: `aria-describedby` takes the result. */
export function describedBy(id: string, help: unknown, error: unknown): string | undefined {
  const ids = [help ? `${id}-help` : "", error ? `${id}-error` : ""].filter(Boolean);
  return ids.length === 0 ? undefined : ids.join(" ");
}

/** A labelled control with help below the label and the error below the control. */
export function Field({
  id,
  label,
  help,
  error,
  required = false,
  aside,
  children,
  className,
}: {
  id: string;
  label: ReactNode;
  help?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  /** Shown at the end of the label's line. */
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <div className={cn("grid content-start gap-1", className)}>
      <div className="flex items-baseline gap-2">
        <label htmlFor={id} className="font-medium text-sm">
          {label}
          {required ? (
            <span aria-hidden className="text-failed">
              {" *"}
            </span>
          ) : null}
        </label>
        {aside === undefined ? null : <span className="ml-auto text-faint text-xs">{aside}</span>}
      </div>
      {help ? (
        <p id={`${id}-help`} className="text-muted text-xs">
          {help}
        </p>
      ) : null}
      {children}
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-failed text-xs">
          {error}
        </p>
      ) : null}
    </div>
  );
}
