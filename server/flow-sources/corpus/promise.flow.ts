import { flow } from "idem";

async function definition() {
  return { id: "promise", tasks: { a: { type: "noop" } } };
}

export default flow(definition());
