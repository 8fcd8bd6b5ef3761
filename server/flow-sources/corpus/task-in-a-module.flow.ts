import { flow } from "idem";
import { transform } from "./shared/tasks.ts";

export default flow({ id: "task-in-a-module", tasks: { transform } });
