import { flow } from "idem";

export default flow({ id: "function-without-run", tasks: { a: { type: "function" } } });
