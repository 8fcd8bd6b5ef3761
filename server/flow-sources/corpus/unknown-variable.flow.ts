import { flow } from "idem";

export default flow({
  id: "unknown-variable",
  params: { station: { type: "string" } },
  tasks: {
    a: { type: "shell", run: "echo \"{{ params.station }}\" {{ params.statoin }}" },
    b: {
      type: "shell",
      run: `
        set -e
        echo {{ now }}
      `,
    },
  },
});
