/**
 * SQL of the schemas of a revision's parameters where one of them hides values, else null: most
 * revisions hide nothing, and their definitions need not be read for that.
 * @param revision the alias of the table
 */
export const hidingSchemas = (revision: string): string =>
  `case when ${revision}.has_write_only then ${revision}.spec -> 'params' end`;
