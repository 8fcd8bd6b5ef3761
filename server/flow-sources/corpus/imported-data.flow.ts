import { flow } from "idem";
import rows from "./shared/rows.csv";

export default flow({ id: "imported-data", tasks: { a: { run: () => rows } } });
