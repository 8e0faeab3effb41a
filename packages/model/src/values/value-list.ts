/** A list of values that the field knows. A value outside it is kept and reported, never refused (decision 19). */
export interface ValueList {
  /** The year in which the list was last seen published. */
  readonly year: number;
  readonly values: readonly string[];
}
