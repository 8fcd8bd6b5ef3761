import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

/** A small label: a tag, a count, a revision. Not for states; those have components/status. */
export function Badge({
  className,
  outline = false,
  ...props
}: ComponentProps<"span"> & { outline?: boolean }) {
  return (
    <span
      className={cn(
        "inline-flex h-5 items-center gap-1 whitespace-nowrap rounded-sm px-1.5 text-muted text-xs",
        outline ? "border border-line-strong" : "bg-fill-strong",
        className,
      )}
      {...props}
    />
  );
}
