"use client";
import { useTranslations } from "next-intl";
import { cn } from "#components/ui/cn.ts";
import type { ReceiverFault } from "#server/core/notify/receiver-fault.ts";

/** Why a receiver did not take it, in the reader's words where it is usual, beside what was reported. */
export function TryOutcome({
  fault,
  message,
  className,
}: {
  fault: ReceiverFault | null;
  message: string;
  className?: string;
}) {
  const t = useTranslations("notifications.faults");
  return (
    <span className={cn("min-w-0 text-muted text-xs", className)}>
      {fault === null ? null : <span className="text-text">{t(fault)} </span>}
      <span className="wrap-anywhere font-mono">{message}</span>
    </span>
  );
}
