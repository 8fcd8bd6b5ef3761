import { flow } from "idem";
import { transfrom } from "./shared/tasks.ts";

export default flow({ id: "unknown-import-name", tasks: { transfrom } });
