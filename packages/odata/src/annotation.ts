/**
 * Annotations (OData CSDL 4.01, section 14): what a model says of itself in the terms of a vocabulary. They are data of
 * the model; the writers of CSDL know no term.
 */

/** One annotation. The term begins with the alias of its vocabulary: `Capabilities.TopSupported`. */
export interface Annotation {
  readonly term: string;
  readonly value: AnnotationValue;
}

/** A value: a flag, a text, a whole number, a list or a record of such, a path, or members of an enumeration. */
export type AnnotationValue =
  | boolean
  | string
  | number
  | readonly AnnotationValue[]
  | AnnotationRecord
  | PathValue
  | MembersValue;

/** Members by their names. */
export interface AnnotationRecord {
  readonly kind: 'record';
  readonly members: Readonly<Record<string, AnnotationValue>>;
}

/** The path of a property. */
export interface PathValue {
  readonly kind: 'path';
  readonly path: string;
}

/** One member of an enumeration, or several of one whose members are flags. */
export interface MembersValue {
  readonly kind: 'members';
  /** The type, with the alias of its vocabulary. */
  readonly type: string;
  readonly names: readonly string[];
}

/** A record of values. */
export function recordOf(members: Readonly<Record<string, AnnotationValue>>): AnnotationRecord {
  return { kind: 'record', members };
}

/** The paths of properties. */
export function pathsOf(all: readonly string[]): readonly PathValue[] {
  return all.map((path) => ({ kind: 'path', path }));
}

/** Where vocabularies are published, by the aliases that terms begin with. */
export const vocabularies = {
  Core: {
    namespace: 'Org.OData.Core.V1',
    folder: 'https://docs.oasis-open.org/odata/odata-vocabularies/v4.0/vocabularies/',
  },
  Capabilities: {
    namespace: 'Org.OData.Capabilities.V1',
    folder: 'https://docs.oasis-open.org/odata/odata-vocabularies/v4.0/vocabularies/',
  },
  Aggregation: {
    namespace: 'Org.OData.Aggregation.V1',
    folder: 'https://oasis-tcs.github.io/odata-vocabularies/vocabularies/',
  },
} as const;

/** The alias of a vocabulary. */
export type VocabularyAlias = keyof typeof vocabularies;

/** The vocabularies that some annotations need, beside Core, which describes every property. */
export function vocabulariesOf(annotations: readonly Annotation[]): VocabularyAlias[] {
  const aliases = new Set(['Core', ...annotations.map(({ term }) => term.slice(0, term.indexOf('.')))]);
  for (const alias of aliases) {
    if (!Object.hasOwn(vocabularies, alias)) throw new TypeError(`${alias} is the alias of no vocabulary`);
  }
  return (Object.keys(vocabularies) as VocabularyAlias[]).filter((alias) => aliases.has(alias));
}
