import { NothingHere } from "#components/shell/nothing-here.tsx";

export default function FlowNotFound() {
  return <NothingHere flow />;
}
