"use client";
import { Toaster as Sonner } from "sonner";

/** Where short messages appear; show one with `toast` from sonner. Never the only place of an error. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      visibleToasts={3}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-center gap-2 rounded-lg border bg-raised px-3 py-2.5 text-text text-sm shadow-pop md:w-90",
          title: "font-medium",
          description: "text-muted text-xs",
          content: "min-w-0 flex-1",
          icon: "text-muted [&_svg]:size-4",
          error: "[&_[data-icon]]:text-failed",
          success: "[&_[data-icon]]:text-success",
          actionButton:
            "shrink-0 rounded-md border border-line-strong px-2 py-1 font-medium text-xs hover:bg-fill",
        },
      }}
    />
  );
}
