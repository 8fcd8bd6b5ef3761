import { flow } from "idem";

export default flow({ id: "unknown-type", tasks: { a: { type: "shel", run: "true" } } });
