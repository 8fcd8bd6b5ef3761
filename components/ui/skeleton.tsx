import { cn } from "./cn.ts";

/** A grey bar where content will be. Appears only after 200 ms. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("appear-late h-4 rounded-sm bg-fill-strong", className)} />;
}
