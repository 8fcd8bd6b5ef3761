import { flow } from "idem";

export default flow({
  id: "no-tasks",
  tasks: {},
});
