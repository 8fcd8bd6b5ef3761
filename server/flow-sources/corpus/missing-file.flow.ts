import { flow } from "idem";

export default flow({
  id: "missing-file",
  files: ["shared/rows.csv", "shared/*.parquet", "../../../../etc/passwd"],
  tasks: { a: { type: "noop" } },
});
