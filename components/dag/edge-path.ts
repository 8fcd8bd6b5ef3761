/**
 * The drawing of an edge's way: within a layer straight, between layers an S-curve that leaves and
 * arrives along the direction of the layers.
 * @param points see `SceneEdge.points`
 * @returns SVG path data
 */
export function edgePath(points: readonly (readonly [number, number])[], right: boolean): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let [x, y] = first;
  let path = `M${round(x)},${round(y)}`;
  for (const [nextX, nextY] of rest) {
    const straight = right ? nextY === y : nextX === x;
    if (straight) {
      path += `L${round(nextX)},${round(nextY)}`;
    } else if (right) {
      const middle = round((x + nextX) / 2);
      path += `C${middle},${round(y)} ${middle},${round(nextY)} ${round(nextX)},${round(nextY)}`;
    } else {
      const middle = round((y + nextY) / 2);
      path += `C${round(x)},${middle} ${round(nextX)},${middle} ${round(nextX)},${round(nextY)}`;
    }
    [x, y] = [nextX, nextY];
  }
  return path;
}

const round = (value: number) => Math.round(value * 10) / 10;
