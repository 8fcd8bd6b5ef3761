"use client";
import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";
import { cn } from "./cn.ts";
import { Kbd } from "./kbd.tsx";

export const TooltipProvider = Base.Provider;

/**
 * A hint on hover and focus. It repeats or explains what its child already says: the child keeps its
 * own accessible name, because a hint is not reachable by touch.
 */
export function Tooltip({
  content,
  keys,
  side = "top",
  children,
  className,
}: {
  content: ReactNode;
  /** Shortcut shown behind the text. */
  keys?: string;
  side?: "top" | "bottom" | "left" | "right";
  children: ReactElement;
  className?: string;
}) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner side={side} sideOffset={6} className="z-50">
          <Base.Popup
            className={cn(
              "flex max-w-80 items-center gap-2 rounded-md bg-primary px-2 py-1 text-on-primary text-xs shadow-pop",
              "transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0",
              className,
            )}
          >
            {content}
            {keys === undefined ? null : <Kbd keys={keys} hint inverse />}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
