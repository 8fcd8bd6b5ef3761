import { flow } from "idem";

export default flow({ id: "open-bracket", tasks: { a: { type: "noop" } }
