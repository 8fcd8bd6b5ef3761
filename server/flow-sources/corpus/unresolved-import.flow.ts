import { flow } from "idem";
import { 기온 as temperature } from "./not-there.ts"; import csv from "no-such-package";

export default flow({ id: "unresolved-import", tasks: { a: { run: () => csv(temperature) } } });
