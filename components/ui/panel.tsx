import type { ReactNode } from "react";
import { cn } from "./cn.ts";

/** A bordered section with an optional title row. */
export function Panel({
  title,
  count,
  aside,
  children,
  hidden,
  className,
}: {
  title?: ReactNode;
  count?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  hidden?: boolean;
  className?: string;
}) {
  return (
    <section hidden={hidden} className={cn("min-w-0 rounded-lg border bg-surface", className)}>
      {title === undefined ? null : (
        <header className="flex min-h-10 items-center gap-2 border-b px-3 py-1.5">
          <h2 className="font-semibold text-sm">{title}</h2>
          {count === undefined ? null : <span className="text-faint text-sm">{count}</span>}
          {aside === undefined ? null : (
            <div className="ml-auto flex items-center gap-2 text-muted text-xs">{aside}</div>
          )}
        </header>
      )}
      {children}
    </section>
  );
}
