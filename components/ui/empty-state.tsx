import type { ReactNode } from "react";
import { cn } from "./cn.ts";

/** What stands where a list would be: what is missing, and what to do next. */
export function EmptyState({
  icon,
  title,
  children,
  action,
  className,
}: {
  icon?: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}) {
  return (
    <div
      className={cn(
        "flex flex-col items-center justify-center gap-1 px-6 py-12 text-center",
        className,
      )}
    >
      {icon === undefined ? null : (
        <div className="mb-2 text-faint [&_svg]:size-6" aria-hidden>
          {icon}
        </div>
      )}
      <p className="font-medium">{title}</p>
      {children === undefined ? null : (
        <div className="w-full max-w-md text-muted text-sm">{children}</div>
      )}
      {action === undefined ? null : (
        <div className="mt-3 flex flex-wrap items-center justify-center gap-2">{action}</div>
      )}
    </div>
  );
}
