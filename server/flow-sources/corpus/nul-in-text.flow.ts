import { flow } from "idem";

export default flow({ id: "nul-in-text", name: "a\0b", tasks: { a: { type: "noop" } } });
