import type { EntityModel, PropertyModel, StructuredType } from './entity-model.ts';
import { foldName } from './fold-name.ts';
import { functionNames } from './functions.ts';
import { indexOf, type ModelIndex, memberNamed } from './model-index.ts';
import { nearestNames } from './nearest-names.ts';
import type { SelectPath } from './parse-select.ts';
import type { PropertyPath, ScalarType, Value } from './predicate.ts';
import type { StopWith } from './stop.ts';
import type { PathSegment, PathSyntax } from './syntax.ts';

/** What a service says of its queries beside its entity model. */
export interface BindRules {
  readonly model: EntityModel;
  /** The entity type that is queried. */
  readonly entityType: string;
  /** Names that stand for a member of some item of a list: `{ phone: { collection: ['phones'], member: 'number' } }`. */
  readonly aliases?: Readonly<Record<string, { readonly collection: readonly string[]; readonly member: string }>>;
  /** How values for a property are read, by its path; a member of an item follows the path of its list. */
  readonly readers?: Readonly<Record<string, ValueReader>>;
  /** Values that `compute` gave a name, by that name in lower case. */
  readonly computed?: ReadonlyMap<string, Value>;
}

/** How the values that an expression gives for a text property are read before they are compared. */
export interface ValueReader {
  /** The texts that the value stands for; it is equal to the property when one of them is. */
  read(text: string): readonly string[];
  /** Whether numbers are read too. */
  readonly takesNumbers?: boolean;
}

/** What a property was wanted for, and cannot be used for. */
export type PropertyUse = 'notFilterable' | 'notSortable' | 'notAggregatable';

/** Why an expression that is well-formed cannot be answered; positions count characters. */
export type BindFault =
  | {
      readonly kind: 'unknownProperty' | 'unknownFunction';
      readonly position: number;
      readonly name: string;
      /** The type that was looked in, or nothing for functions. */
      readonly owner: string;
      readonly nearest: readonly string[];
    }
  | { readonly kind: PropertyUse; readonly position: number; readonly name: string }
  /** Names and types do not go together; the sentence says which, and what to do. */
  | { readonly kind: 'incompatible'; readonly position: number; readonly sentence: string }
  /** Legal, and not supported here. */
  | { readonly kind: 'unsupported'; readonly position: number; readonly what: string };

/** What a name of a lambda stands for. */
export interface ItemScope {
  /** Empty where names stand for members of the item without one, as in `$count($filter=…)`. */
  readonly variable: string;
  readonly type: string;
  readonly collection: readonly string[];
}

/** A property that an expression names, found in the model. */
export interface FoundProperty {
  readonly property: PropertyPath;
  readonly model: PropertyModel;
  readonly position: number;
  /** How its values are read. */
  readonly reader: ValueReader | undefined;
  /** The list that an alias goes through. */
  readonly through?: { readonly collection: readonly string[]; readonly scope: number };
}

/** Each list within another multiplies the items that are looked at. */
const mostLists = 3;

/** Finds what the paths of one expression name. Names are compared without regard to ASCII case. */
export class PathBinder {
  readonly #rules: BindRules;
  readonly #index: ModelIndex;
  readonly #stop: StopWith<BindFault>;
  readonly #use: PropertyUse;

  constructor(rules: BindRules, use: PropertyUse, stop: StopWith<BindFault>) {
    this.#rules = rules;
    this.#index = indexOf(rules.model);
    this.#use = use;
    this.#stop = stop;
  }

  /** A property that holds one value. `scopes` are the lambdas around, the outermost first. */
  findProperty(path: PathSyntax, scopes: readonly ItemScope[]): FoundProperty {
    const alias = this.#findAlias(path, scopes);
    if (alias !== undefined) return alias;
    const { scope, segments, model, position } = this.#walk(path, scopes);
    if (model.isCollection) {
      const sentence = `${segments.join('/')} is a list; write ${segments.join('/')}/any(x:x/…)`;
      return this.#stop({ kind: 'incompatible', position, sentence });
    }
    const type = model.calculated?.type ?? this.#scalarType(model);
    if (type === undefined) {
      return this.#stop({ kind: 'unsupported', position, what: `the object ${segments.join('/')} as a value` });
    }
    this.#requireUse(model, segments, position);
    const collection = scopes[scope - 1]?.collection;
    const reader = this.#rules.readers?.[[...(collection ?? []), ...segments].join('/')];
    const property = {
      scope,
      segments,
      type,
      ...(collection === undefined ? {} : { collection }),
      ...(model.calculated === undefined ? {} : { scale: model.calculated.scale }),
    };
    return { property, model, position, reader };
  }

  /** What a name stands for that `compute` gave. */
  findComputed({ segments }: PathSyntax, scopes: readonly ItemScope[]): Value | undefined {
    const [only] = segments;
    const isName = segments.length === 1 && only !== undefined && only.arguments === undefined;
    if (!isName || scopes.some(({ variable }) => variable === only.name)) return undefined;
    return this.#rules.computed?.get(foldName(only.name));
  }

  /** The names on the way to a member, through objects and lists, whatever it holds. */
  findSelected({ segments, parenthesis }: SelectPath): readonly string[] {
    let owner = this.#typeNamed(this.#rules.entityType);
    const names: string[] = [];
    for (const segment of segments) {
      const { name, type } = this.#findMember(owner, segment);
      names.push(name);
      owner = this.#typeNamed(type);
    }
    if (parenthesis === undefined) return names;
    const what = `what is in parentheses behind ${names.join('/')}`;
    return this.#stop({ kind: 'unsupported', position: parenthesis, what });
  }

  /** A list of the entity whose items have members. */
  findCollection(path: PathSyntax, scopes: readonly ItemScope[]): { collection: readonly string[]; type: string } {
    const { scope, segments, model, position } = this.#walk(path, scopes);
    if (!model.isCollection) {
      const sentence = `${segments.join('/')} is not a list, so it has neither any nor all`;
      return this.#stop({ kind: 'incompatible', position, sentence });
    }
    if (model.isFilterable !== true) this.#stop({ kind: this.#use, position, name: segments.join('/') });
    if (scopes.length >= mostLists) {
      return this.#stop({ kind: 'unsupported', position, what: `more than ${mostLists} lists within each other` });
    }
    if (scope > 0) return this.#stop({ kind: 'unsupported', position, what: 'a list within an item of a list' });
    return { collection: segments, type: model.type };
  }

  /** The enumeration of a property. */
  membersOf(model: PropertyModel): readonly string[] {
    return this.membersNamed(model.type);
  }

  /** The enumeration of a name, with its namespace or without. */
  membersNamed(type = ''): readonly string[] {
    return this.#index.enumerations.get(type.slice(type.lastIndexOf('.') + 1))?.members ?? [];
  }

  #walk({ segments, position }: PathSyntax, scopes: readonly ItemScope[]) {
    const { scope, type, rest } = this.#start(segments, scopes);
    let owner = this.#typeNamed(type);
    const names: string[] = [];
    let model: PropertyModel | undefined;
    for (const [index, segment] of rest.entries()) {
      model = this.#findMember(owner, segment);
      names.push(model.name);
      const next = rest[index + 1];
      if (next === undefined) break;
      // What may follow a list or a value is an operation on it, and those are refused by their names.
      this.#requirePlain(next);
      if (model.isCollection) {
        const sentence = `${names.join('/')} is a list; write ${names.join('/')}/any(x:x/${next.name} …)`;
        return this.#stop({ kind: 'incompatible', position: next.position, sentence });
      }
      owner = this.#typeNamed(model.type);
    }
    if (model === undefined) {
      const name = segments.at(-1)?.name ?? '';
      return this.#stop({
        kind: 'unsupported',
        position,
        what: name === '' ? 'any without a list' : `${name} as a value`,
      });
    }
    return { scope, segments: names, model, position: rest.at(-1)?.position ?? position };
  }

  /** Where a path starts: at the entity, at `$it`, or at the variable of a lambda around it. */
  #start(segments: readonly PathSegment[], scopes: readonly ItemScope[]) {
    const [first] = segments;
    const entity = { scope: 0, type: this.#rules.entityType, rest: segments };
    if (first?.arguments !== undefined) return entity;
    if (first?.name.toLowerCase() === '$it') return { ...entity, rest: segments.slice(1) };
    if (scopes.length === 0) return entity;
    const named = scopes.findLastIndex(({ variable }) => variable === first?.name);
    const here = scopes.findLastIndex(({ variable }) => variable === '');
    const isHere = named < 0 && here >= 0;
    const found = scopes[isHere ? here : named];
    if (found === undefined) return entity;
    const isThis = first?.name.toLowerCase() === '$this';
    return {
      scope: scopes.indexOf(found) + 1,
      type: found.type,
      rest: isHere && !isThis ? segments : segments.slice(1),
    };
  }

  #findMember(owner: StructuredType | undefined, segment: PathSegment): PropertyModel {
    this.#requirePlain(segment);
    const { name, position } = segment;
    const found = owner === undefined ? undefined : memberNamed(owner, name);
    if (found !== undefined) return found;
    const nearest = nearestNames(
      name,
      (owner?.properties ?? []).map((property) => property.name),
    );
    return this.#stop({ kind: 'unknownProperty', position, name, owner: owner?.name ?? 'a value', nearest });
  }

  /** Refuses what may stand in a path and is no property. */
  #requirePlain(segment: PathSegment): void {
    const { name, position } = segment;
    if (segment.arguments !== undefined) {
      const isKnown = functionNames.has(name.toLowerCase()) || name.startsWith('$');
      if (isKnown || name.includes('.')) this.#stop({ kind: 'unsupported', position, what: `the function ${name}` });
      const nearest = nearestNames(name, [...functionNames]);
      this.#stop({ kind: 'unknownFunction', position, name, owner: '', nearest });
    }
    if (name.startsWith('@') || name.startsWith('$') || name.includes('.')) {
      this.#stop({ kind: 'unsupported', position, what: name });
    }
  }

  #findAlias({ segments, position }: PathSyntax, scopes: readonly ItemScope[]): FoundProperty | undefined {
    const [only] = segments;
    if (segments.length !== 1 || only === undefined || only.arguments !== undefined) return undefined;
    if (this.#use === 'notSortable' || scopes.some(({ variable }) => variable === only.name || variable === ''))
      return undefined;
    const asked = foldName(only.name);
    const name = Object.keys(this.#rules.aliases ?? {}).find((known) => foldName(known) === asked);
    const alias = name === undefined ? undefined : this.#rules.aliases?.[name];
    if (alias === undefined) return undefined;
    const at = (name: string): PathSegment => ({ name, position });
    const list: PathSyntax = { kind: 'path', segments: alias.collection.map(at), position };
    const { collection, type } = this.findCollection(list, []);
    const inside: PathSyntax = { kind: 'path', segments: [at('it'), at(alias.member)], position };
    const scope = scopes.length + 1;
    const found = this.findProperty(inside, [...scopes, { variable: 'it', type, collection }]);
    return { ...found, through: { collection, scope } };
  }

  #requireUse(model: PropertyModel, segments: readonly string[], position: number): void {
    const isAllowed = this.#use === 'notSortable' ? model.isSortable : model.isFilterable;
    if (isAllowed !== true) this.#stop({ kind: this.#use, position, name: segments.join('/') });
  }

  #scalarType({ type }: PropertyModel): ScalarType | undefined {
    return this.#index.enumerations.has(type) ? 'enumeration' : scalarTypes[type];
  }

  #typeNamed(name: string): StructuredType | undefined {
    return this.#index.types.get(name);
  }
}

const scalarTypes: Readonly<Record<string, ScalarType>> = {
  'Edm.String': 'text',
  'Edm.Boolean': 'boolean',
  'Edm.Decimal': 'decimal',
  'Edm.Int32': 'integer',
  'Edm.Int64': 'integer',
  'Edm.DateTimeOffset': 'instant',
  'Edm.Date': 'date',
  'Edm.TimeOfDay': 'time',
  'Edm.Duration': 'duration',
  'Edm.Guid': 'guid',
};
