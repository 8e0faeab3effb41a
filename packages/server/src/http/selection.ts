import { parseJson } from '@cosell/model';

/**
 * The members of a document that `$select` names, in the order of the document and each as it is written there.
 * Members of the control information begin with `@` and stay.
 */
export function selectMembers(document: string, names: readonly string[]): string {
  const parsed = parseJson(document);
  if ('faults' in parsed) throw new Error(`a stored document cannot be read: ${parsed.faults[0]?.message}`);
  const wanted = new Set(names);
  const members = parsed.root.members
    .filter(({ name }) => wanted.has(name) || name.startsWith('@'))
    .map(({ offset, value }) => document.slice(offset, value.offset + value.length));
  return `{${members.join(',')}}`;
}

/** What stands behind `#Referrals` in the context of a selection (OData JSON Format 4.01, section 10.7). */
export function selectionContext(names: readonly string[] | undefined): string {
  return names === undefined ? '' : `(${names.join(',')})`;
}
