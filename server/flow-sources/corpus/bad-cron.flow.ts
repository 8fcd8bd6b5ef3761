import { flow } from "idem";

export default flow({
  id: "bad-cron",
  schedule: { cron: "0 0 30 2 *", timezone: "Asia/Soul" },
  tasks: { a: { type: "noop" } },
});
