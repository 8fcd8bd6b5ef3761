/** A few lines for people to write or run, as an empty state shows them. */
export function Snippet({ children }: { children: string }) {
  return (
    <pre className="mt-3 overflow-x-auto rounded-md border bg-fill p-3 text-left text-text text-xs">
      {children}
    </pre>
  );
}
