"use client";
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode, RefObject } from "react";
import { buttonClass } from "./button.tsx";
import { cn } from "./cn.ts";
import { DialogLayer } from "./layer.tsx";

/**
 * A modal dialog. Focus goes in when it opens and back to where it was when it closes; Escape and
 * the backdrop close it. Controlled: the owner holds `open`.
 */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  className,
  initialFocus,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, right-aligned; the most likely one last. */
  footer?: ReactNode;
  className?: string;
  initialFocus?: RefObject<HTMLElement | null>;
}) {
  const t = useTranslations("common");
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-overlay transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          {...(initialFocus === undefined ? {} : { initialFocus })}
          className={cn(
            "fixed top-[12vh] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-1.5rem)] max-w-lg -translate-x-1/2 flex-col",
            "rounded-lg border bg-raised text-text shadow-pop outline-none",
            "transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0",
            className,
          )}
        >
          <header className="flex items-start gap-4 border-b px-4 py-3">
            <div className="min-w-0 flex-1">
              <Base.Title className="font-semibold text-lg">{title}</Base.Title>
              {description === undefined ? null : (
                <Base.Description className="mt-0.5 text-muted text-sm">
                  {description}
                </Base.Description>
              )}
            </div>
            <Base.Close
              aria-label={t("close")}
              className={buttonClass("ghost", "icon-sm", "-mr-1.5")}
            >
              <X aria-hidden />
            </Base.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
            <DialogLayer>{children}</DialogLayer>
          </div>
          {footer === undefined ? null : (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t px-4 py-3">
              <DialogLayer>{footer}</DialogLayer>
            </footer>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
