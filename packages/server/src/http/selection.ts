import { type JsonNode, parseJson } from '@cosell/model';

/** What a selection leaves of an object: its members by name, each whole or with what is left of it. */
export type Selection = ReadonlyMap<string, Selection | 'whole'>;

/** Puts paths such as `id` and `address/city` together. Where a member and a part of it are named, it is left whole. */
export function selectionOf(paths: readonly string[]): Selection {
  const root: Growing = new Map();
  for (const path of paths) {
    const names = path.split('/');
    let at = root;
    for (const [index, name] of names.entries()) {
      const known = at.get(name);
      if (known === 'whole') break;
      if (index === names.length - 1) at.set(name, 'whole');
      else {
        const next: Growing = known ?? new Map();
        at.set(name, next);
        at = next;
      }
    }
  }
  return root;
}

type Growing = Map<string, Growing | 'whole'>;

/**
 * What a selection leaves of a document, in the order of the document and each value as it is written there. Of a list,
 * every item keeps its part. Members of the control information begin with `@` and stay.
 */
export function selectMembers(document: string, selection: Selection): string {
  const parsed = parseJson(document);
  if ('faults' in parsed) throw new Error(`a stored document cannot be read: ${parsed.faults[0]?.message}`);
  return partOf(document, parsed.root, selection);
}

function partOf(document: string, node: JsonNode, selection: Selection): string {
  if (node.type === 'array') return `[${node.items.map((item) => partOf(document, item, selection)).join(',')}]`;
  if (node.type !== 'object') return document.slice(node.offset, node.offset + node.length);
  const members = node.members.flatMap(({ name, offset, value }) => {
    const wanted = name.startsWith('@') ? 'whole' : selection.get(name);
    if (wanted === undefined) return [];
    if (wanted === 'whole') return [document.slice(offset, value.offset + value.length)];
    return [document.slice(offset, value.offset) + partOf(document, value, wanted)];
  });
  return `{${members.join(',')}}`;
}

/** What stands behind `#Referrals` in the context of a selection (OData JSON Format 4.01, section 10.7). */
export function selectionContext(names: readonly string[] | undefined): string {
  return names === undefined ? '' : `(${names.join(',')})`;
}
