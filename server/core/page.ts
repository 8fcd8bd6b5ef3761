/** Parts of long lists. */

/** A page of a list: `next` is the cursor of the following page, or null at the end. */
export interface Page<T> {
  items: T[];
  next: string | null;
}
