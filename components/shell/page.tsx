import type { ReactNode } from "react";
import { cn } from "#components/ui/cn.ts";

/**
 * The body of a page. With `fill` it is exactly as high as the window leaves on wide screens, so that
 * parts of it can scroll on their own; on narrow screens it grows and the window scrolls.
 */
export function Page({
  children,
  fill = false,
  className,
}: {
  children: ReactNode;
  fill?: boolean;
  className?: string;
}) {
  return (
    <div
      className={cn(
        "flex w-full min-w-0 flex-1 flex-col gap-4 px-4 py-4 md:px-6",
        fill && "lg:h-(--page-height) lg:flex-none lg:overflow-hidden",
        !fill && "mx-auto max-w-7xl",
        className,
      )}
    >
      {children}
    </div>
  );
}

/** The page's name, what is said of it, and what can be done. */
export function PageHeader({
  title,
  description,
  actions,
  children,
}: {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** A second row: badges, facts. */
  children?: ReactNode;
}) {
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-2">
      <div className="min-w-40 flex-1">
        <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
        {description === undefined ? null : (
          <p className="mt-0.5 text-muted text-sm">{description}</p>
        )}
        {children}
      </div>
      {actions === undefined ? null : (
        <div className="flex flex-wrap items-center gap-2">{actions}</div>
      )}
    </header>
  );
}
