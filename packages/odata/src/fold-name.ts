/** A name to compare names by: ASCII letters only, so that no locale and no Turkish I changes what a name is. */
export function foldName(name: string): string {
  return plain.test(name) ? name.toLowerCase() : name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Printable ASCII, as nearly every name is. */
const plain = /^[ -~]*$/;
