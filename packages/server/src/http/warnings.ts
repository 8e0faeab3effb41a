/** The header for what is legal and probably not meant; none where there is nothing to say. */
export function warningHeaders(warnings: readonly string[]): string[] {
  return warnings.length === 0 ? [] : ['Cosell-Warning', [...new Set(warnings)].join(', ')];
}
