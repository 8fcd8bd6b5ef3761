import { cn } from "#components/ui/cn.ts";
import type { FirstError } from "#server/core/run/view.ts";

/** What a run failed at, in one line: what the task is called, and the first line of its error. */
export function FirstErrorLine({
  error,
  className,
  messageClass = "truncate",
}: {
  error: FirstError;
  className?: string;
  /** How the message is cut. */
  messageClass?: string;
}) {
  const { task, name = task, message } = error;
  return (
    <span className={cn("flex min-w-0 items-baseline gap-2 text-xs", className)} title={message}>
      <span className="max-w-[45%] shrink-0 truncate text-text">{name}</span>
      <span className={cn("min-w-0 font-mono text-muted", messageClass)}>{message}</span>
    </span>
  );
}
