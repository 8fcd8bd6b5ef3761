import { flow } from "idem";

process.exit(0);

export default flow({ id: "exits", tasks: { a: { type: "noop" } } });
