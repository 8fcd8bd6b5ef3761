/**
 * SQL of whether two sets of parameters agree wherever both have a value (decision 0061).
 * @param a expression of type jsonb, as `b` is
 */
export const paramsAgree = (a: string, b: string): string =>
  `not exists (select from jsonb_each(${a}) p where ${b} ? p.key and ${b} -> p.key <> p.value)`;
