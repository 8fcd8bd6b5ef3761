import { flow } from "idem";

export const forgotten = flow({ id: "no-default-export", tasks: { a: { type: "noop" } } });
