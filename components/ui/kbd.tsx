import { cn } from "./cn.ts";

const names: Record<string, string> = {
  mod: "Ctrl",
  shift: "⇧",
  enter: "↵",
  escape: "Esc",
  esc: "Esc",
  slash: "/",
  question: "?",
  up: "↑",
  down: "↓",
};

/**
 * Keys of a shortcut as small caps, written as for `useShortcut`.
 * `mod` reads Ctrl in the markup; the shell replaces it by ⌘ on Apple systems through CSS.
 * @param hint beside the name of a button: for the eye only, it is no part of the name
 */
export function Kbd({
  keys,
  inverse = false,
  hint = false,
  className,
}: {
  keys: string;
  inverse?: boolean;
  hint?: boolean;
  className?: string;
}) {
  const parts = keys.split("+");
  return (
    <span
      aria-hidden={hint || undefined}
      className={cn("inline-flex items-center gap-0.5", className)}
    >
      {parts.map((part, index) => (
        <kbd
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one shortcut never reorder
          key={index}
          className={cn(
            "inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border px-1 font-sans text-2xs",
            inverse
              ? "border-on-primary/30 text-on-primary"
              : "border-line-strong bg-fill text-muted",
          )}
        >
          {part === "mod" ? (
            <>
              <span className="other-only">Ctrl</span>
              <span className="mac-only">⌘</span>
            </>
          ) : (
            (names[part] ?? part.toUpperCase())
          )}
        </kbd>
      ))}
    </span>
  );
}
