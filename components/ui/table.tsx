import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

/** A dense table that scrolls sideways inside its own box rather than widening the page. */
export function Table({ className, ...props }: ComponentProps<"table">) {
  return (
    <div className="relative w-full overflow-x-auto">
      <table className={cn("w-full border-collapse text-left text-sm", className)} {...props} />
    </div>
  );
}

export function Th({ className, scope = "col", ...props }: ComponentProps<"th">) {
  return (
    <th
      scope={scope}
      className={cn("h-8 whitespace-nowrap px-3 font-medium text-faint text-xs", className)}
      {...props}
    />
  );
}

export function Tr({ className, ...props }: ComponentProps<"tr">) {
  return <tr className={cn("border-t hover:bg-fill", className)} {...props} />;
}

export function Td({ className, ...props }: ComponentProps<"td">) {
  return <td className={cn("h-10 px-3 py-1.5 align-middle", className)} {...props} />;
}
