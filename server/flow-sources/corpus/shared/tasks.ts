import { task } from "idem";

export const transform = task({
  retries: 3,
  run: () => "transformed",
});
